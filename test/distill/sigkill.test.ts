/**
 * @file Runs that are killed outright, again and again, and then give the bytes of a run that was
 * left alone.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { comparableResults } from "../support/command-line.ts";

const script = fileURLToPath(new URL("children/run.mjs", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "potstill-sigkill-"));
let expected: ReadonlyMap<string, string>;

interface Kill {
  readonly at: "shard" | "checkpoint" | "export" | "call";
  readonly moment?: "half" | "begun" | "done";
  readonly afterMs?: number;
}

function start(folder: string, kill?: Kill): ChildProcess {
  const plan = JSON.stringify(kill === undefined ? {} : { kill });
  return spawn(process.execPath, [script, folder, plan], { stdio: ["ignore", "pipe", "inherit"] });
}

/** @returns the signal that ended it, or null */
function ended(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) =>
      code === 0 || signal !== null ? resolve(signal) : reject(new Error(`exit code ${code}`)),
    );
  });
}

beforeAll(async () => {
  const folder = join(root, "alone");
  expect(await ended(start(folder))).toBeNull();
  expected = comparableResults(folder);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("three kills each while a shard, a checkpoint and an export is written, and within a call of many steps", async () => {
  const moments = ["half", "begun", "done"] as const;
  const kills: Kill[] = [
    ...moments.map((moment) => ({ at: "shard", moment }) as const),
    ...moments.map((moment) => ({ at: "checkpoint", moment }) as const),
    ...[0, 1, 2].map((afterMs) => ({ at: "call", afterMs }) as const),
    ...moments.map((moment) => ({ at: "export", moment }) as const),
  ];
  const folder = join(root, "aimed");
  for (const kill of kills)
    expect([kill, await ended(start(folder, kill))]).toEqual([kill, "SIGKILL"]);
  expect(await ended(start(folder))).toBeNull();
  expect(comparableResults(folder)).toEqual(expected);
});

test("ten kills at moments drawn by lot", async () => {
  const lot = randomStream("kills");
  let [kills, round] = [0, 0];
  while (kills < 10) {
    const folder = join(root, `lot-${++round}`);
    for (;;) {
      const child = start(folder);
      const end = ended(child);
      child.stdout!.once("data", () => {
        if (kills < 10) setTimeout(() => child.kill("SIGKILL"), lot.integer(250));
      });
      if ((await end) === null) break;
      kills += 1;
    }
    expect(comparableResults(folder)).toEqual(expected);
  }
});
