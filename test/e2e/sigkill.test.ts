/**
 * @file The command line killed outright, again and again, in the middle of what it writes and
 * computes; resumed each time, it leaves the run folder of a run that was left alone.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { randomStream } from "../../src/engine/tensor/index.ts";
import {
  comparableResults,
  jsonLines,
  potstill,
  start,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();

const recipe = `name: mortal
data: { source: csv, file: data.csv }
split: { test: 0.25, validation: 0.2 }
teacher:
  train:
    network: { family: mlp, hidden: [300] }
    training: { epochs: 3, batchSize: 16 }
student: { family: mlp, hidden: [160, 160], dropout: 0.1 }
training: { epochs: 20, batchSize: 4, learningRate: 0.003 }
seeds: [1, 2, 3]
arms: [distilled, scratch]
allowLargerStudent: true
checkpoints: { everySeconds: 0 }
stepLogs: true
`;

type Plan =
  | { readonly file: string; readonly moment: "half" | "begun" | "renamed" }
  | { readonly log: string; readonly line: number }
  | { readonly call: number; readonly afterMs: number };

const moments = ["half", "begun", "renamed"] as const;
const inFile = (file: string): readonly Plan[] => moments.map((moment) => ({ file, moment }));

const aimed: readonly Plan[] = [
  ...inFile("package/shards/"),
  ...inFile("checkpoint/step-"),
  ...inFile("checkpoint/checkpoint[.]json"),
  ...[1, 2, 3].map((call) => ({ call, afterMs: call })),
  { log: "events[.]jsonl", line: 9 },
  { log: "metrics[.]csv", line: 7 },
  { log: "metrics[.]csv", line: 12 },
];
const atTheEnd: readonly Plan[] = [
  { file: "exports/student[.]onnx", moment: "half" },
  ...["report[.]html", "report[.]json", "MODEL_CARD[.]md"].flatMap(inFile),
];

const killer = resolve("test/e2e/children/kill.mjs");
const program = resolve("dist/app/cli/main.js");

/** Runs potstill with a plan for its death. @returns the signal that ended it, or null */
function mortal(plan: Plan, words: readonly string[]): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ["--import", killer, program, ...words], {
    cwd: folder.path,
    env: { ...process.env, POTSTILL_TEST_KILL: JSON.stringify(plan) },
    stdio: "ignore",
  });
  return new Promise((done) => child.on("exit", (_, signal) => done(signal)));
}

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Every file whose bytes must be the same, by name. */
function filesOf(run: string): ReadonlyMap<string, string> {
  const root = join(folder.path, "runs", run);
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith("tensorboard")) // its files are named by the time
    .sort();
  const hasTimes = /^(run[.]json|events[.]jsonl|report[.]|MODEL_CARD)/;
  return new Map(
    names.map((name) => [
      name,
      hasTimes.test(name) ? "has times" : hash(readFileSync(join(root, name))),
    ]),
  );
}

/** "job:step" of every step in events.jsonl */
function eventSteps(run: string): readonly string[] {
  return jsonLines(join(folder.path, "runs", run, "events.jsonl")).flatMap((event) => {
    if (event.type !== "steps") return [];
    const { job, from, metrics } = event as {
      job: string;
      from: number;
      metrics: { loss: readonly number[] };
    }; // as the run log writes it
    return metrics.loss.map((_, at) => `${job}:${from + at}`);
  });
}

const resume = ["distill", "--resume", "runs/mortal-2"];

test("killed 30 times in shards, checkpoints, calls, logs and reports, a run ends as one left alone", async () => {
  writeTable(join(folder.path, "data.csv"));
  writeFileSync(join(folder.path, "mortal.yaml"), recipe);
  const alone = await potstill(folder.path, "distill", "mortal.yaml", "--store", "one");
  expect(alone.code).toBe(0);

  const [first, ...others] = aimed;
  expect(await mortal(first!, ["distill", "mortal.yaml", "--store", "two"])).toBe("SIGKILL");
  for (const plan of others) expect([plan, await mortal(plan, resume)]).toEqual([plan, "SIGKILL"]);

  const lot = randomStream("kills");
  for (let kills = 0; kills < 5; kills++) {
    const { child, said, ended } = start(folder.path, ...resume);
    await said("resumed");
    await new Promise((done) => setTimeout(done, lot.integer(120)));
    child.kill("SIGKILL");
    expect((await ended).code).toBeNull();
  }

  for (const plan of atTheEnd)
    expect([plan, await mortal(plan, resume)]).toEqual([plan, "SIGKILL"]);
  const last = await potstill(folder.path, ...resume);
  expect(last.stderr).not.toContain("error [");
  expect(last.code).toBe(0);
  expect(filesOf("mortal-2")).toEqual(filesOf("mortal-1")); // metrics.csv with every step once, byte for byte
  expect(eventSteps("mortal-2")).toEqual(eventSteps("mortal-1"));
  const [one, two] = ["one", "two"].map((name) => comparableResults(join(folder.path, name)));
  expect(two).toEqual(one);
  const numbers = ["mortal-1", "mortal-2"].map((run) => {
    const report = JSON.parse(readFileSync(join(folder.path, "runs", run, "report.json"), "utf8"));
    const tests = Object.values<{ test: unknown } | null>(report.models).map(
      (model) => model?.test,
    );
    return { tests, comparisons: report.comparisons };
  });
  expect(numbers[1]).toEqual(numbers[0]);
}, 240_000);
