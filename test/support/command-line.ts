/** @file Runs the built command line in a child process, in a folder of its own. */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach } from "vitest";

const program = resolve("dist/app/cli/main.js");

export interface Ended {
  /** exit code; null if a signal ended the process */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** resolves once stderr has shown the text */
  readonly said: (text: string) => Promise<void>;
}

/** A new folder for each test; give its path with `folder()`. */
export function useFolder(): { readonly path: string; readonly files: () => readonly string[] } {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "potstill-"));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
    files: () => readdirSync(path).sort(),
  };
}

/** Starts potstill with these words in a folder. */
export function start(folder: string, ...words: readonly string[]): Started {
  return startAs(undefined, folder, ...words);
}

function startAs(uid: number | undefined, folder: string, ...words: readonly string[]): Started {
  if (!existsSync(program)) throw new Error("dist/ is missing; run: npm run build");
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, ...user });
  let stdout = "";
  let stderr = "";
  const listeners: (() => void)[] = [];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code) => done({ code, stdout, stderr }));
    child.on("error", (error) => done({ code: null, stdout, stderr: error.message }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if (stderr.includes(text)) done();
      };
      listeners.push(look);
      look();
      void ended.then(() => fail(new Error(`ended before it said "${text}":\n${stderr}`)));
    });
  return { child, ended, said };
}

/** The process that runs one command after another, and whether it is at one. */
let server: { readonly child: ChildProcess; isBusy: boolean } | undefined;

function startServer(): { readonly child: ChildProcess; isBusy: boolean } {
  const child = fork(resolve("test/support/commands-in-turn.mjs"), { execArgv: [] });
  child.unref(); // it ends with this process, and keeps it from nothing
  child.channel?.unref();
  return { child, isBusy: false };
}

/**
 * Runs potstill to its end: in a process that has run others before, if that is free. What a test
 * of a process itself needs (signals, its end, its memory) is `start`.
 */
export async function potstill(folder: string, ...words: readonly string[]): Promise<Ended> {
  server ??= startServer();
  if (server.isBusy) return start(folder, ...words).ended;
  const { child } = server;
  server.isBusy = true;
  const ended = await new Promise<Ended>((done) => {
    child.once("message", done).once("exit", (code) => done({ code, stdout: "", stderr: "" }));
    child.send([folder, words]);
  });
  child.removeAllListeners();
  if (child.connected) server.isBusy = false;
  else server = undefined;
  return ended;
}

/** The same as another user, for which this process must be root. */
export function potstillAs(
  uid: number | undefined,
  folder: string,
  ...words: readonly string[]
): Promise<Ended> {
  return startAs(uid, folder, ...words).ended;
}

/** A table of 240 samples: three classes, four features, the same numbers each time. */
export function writeTable(file: string, edit: (rows: string[]) => void = () => undefined): void {
  const rows = ["a,b,c,d,class"];
  for (let i = 0; i < 240; i++) {
    const label = i % 3;
    const cells = [0, 1, 2, 3].map((f) => (label === f ? 1 : 0) + Math.sin(7 * i + 3 * f) * 0.9);
    rows.push([...cells.map((cell) => cell.toFixed(4)), `class${label}`].join(","));
  }
  edit(rows);
  writeFileSync(file, `${rows.join("\n")}\n`);
}

/** A recipe on data.csv that runs in about a second. */
export const tinyRecipe = `name: tiny
data: { source: csv, file: data.csv }
split: { test: 0.25, validation: 0.2 }
teacher:
  train:
    network: { family: mlp, hidden: [16] }
    training: { epochs: 3, batchSize: 16 }
student: { family: mlp, hidden: [8] }
training: { epochs: 3, batchSize: 16, learningRate: 0.01 }
seeds: [1, 2, 3]
arms: [distilled, scratch]
`;

/** @returns the lines of a file as values */
export function jsonLines(file: string): readonly Record<string, unknown>[] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
