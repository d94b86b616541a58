/** @file Runs the built command line in a child process, in a folder of its own. */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { readPlan } from "../../src/distill/index.ts";

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

/**
 * A file of a task's result.
 *
 * @param run folder of the run; @param name of the task: "distilled/seed-1"
 */
export function resultFile(run: string, name: string, file: string): Buffer {
  return readFileSync(resultFilePath(run, name, file));
}

export function resultFilePath(run: string, name: string, file: string): string {
  const task = tasksOf(run).find((each) => each.name === name);
  if (task === undefined) throw new Error(`${run} has no task ${name}`);
  return join(storeOf(run), "results", task.id, file);
}

/** Weights of every training of a run, by its name. */
export function trainedWeights(run: string): Readonly<Record<string, string>> {
  const trained = tasksOf(run).filter(({ kind }) => ["teacher", "student"].includes(kind));
  return Object.fromEntries(
    trained.map(({ name }) => [
      name,
      resultFile(run, name, "model.safetensors").toString("base64"),
    ]),
  );
}

function tasksOf(run: string) {
  return readPlan(readFileSync(join(run, "plan.json"), "utf8"), run).tasks;
}

function storeOf(run: string): string {
  const { store } = JSON.parse(readFileSync(join(run, "run.json"), "utf8")) as { store: string }; // a run's record
  return join(run, store);
}

const clocks = /^(timing|labelling|latency)[.]json$/;

/** What of a store must be the same in every run, by file: all but what a clock says. */
export function comparableResults(store: string): ReadonlyMap<string, string> {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter(
      ({ name, parentPath }) =>
        !name.endsWith(".partial") && !clocks.test(name) && !parentPath.includes("claims"),
    )
    .filter((entry) => entry.isFile());
  const files = entries.map(({ name, parentPath }): [string, string] => {
    const bytes = readFileSync(join(parentPath, name));
    const path = relative(store, join(parentPath, name));
    if (name !== "entry.json") return [path, bytes.toString("base64")];
    const { task, files: all } = JSON.parse(bytes.toString()) as {
      task: unknown;
      files: readonly { name: string }[];
    }; // a result's entry
    const kept = all.filter((file) => !clocks.test(file.name));
    return [path, JSON.stringify({ task, files: kept })];
  });
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
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
