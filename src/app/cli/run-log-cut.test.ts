import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryStore, type Store } from "../../data/index.ts";
import { folderStore } from "../../data/sources/index-node.ts";
import {
  type DistillEvent,
  type ResultStore,
  resultStore,
  type Task,
  taskId,
} from "../../distill/index.ts";
import { loggedEvents, metricsHeader, openRunLog } from "./run-log.ts";
import { cutEvents, cutLogs, cutMetrics, type DurableJobs } from "./run-log-cut.ts";

let folder = "";
let store: Store;
let results: ResultStore;

/** The task of a job, as good as any other. */
const taskOf = (job: string): Task => ({ kind: "student", version: 1, spec: job, needs: {} });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "run-log-"));
  store = await folderStore(folder);
  results = resultStore(memoryStore());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `count` steps of a job, two an epoch. */
function steps(job: string, from: number, count: number): DistillEvent {
  const loss = Float32Array.from({ length: count }, (_, i) => 1 / (from + i + 1));
  return {
    type: "steps",
    job,
    from,
    totalSteps: 8,
    epoch: Math.floor(from / 2) + 1,
    epochs: 4,
    metrics: { loss, hard: loss },
    learningRates: new Float32Array(count).fill(0.5),
    samplesPerSecond: 100,
  };
}

function epoch(job: string, number: number): DistillEvent {
  const record = {
    epoch: number,
    train: { loss: 1 },
    validationAccuracy: 0.5,
    validationLoss: 1,
    seconds: 1,
  };
  return { type: "epoch", job, epochs: 4, record, isBest: true };
}

const start = (job: string, number: number): DistillEvent => ({
  type: "job-start",
  job,
  task: taskId(taskOf(job)),
  number,
  total: 2,
});
const task = (job: string, state: "begun" | "done" | "whole"): DistillEvent => ({
  ...{ type: "task", kind: "student", name: job, state },
  task: taskId(taskOf(job)),
});
const end = (job: string): DistillEvent => ({
  type: "job-end",
  job,
  validationAccuracy: 0.5,
  bestEpoch: 1,
});
const check: DistillEvent = {
  type: "check",
  check: { id: "J1", name: "roles", passed: true, detail: "" },
};

function read(name: string): readonly string[] {
  return readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1);
}

/** Every (job, step) of metrics.csv, in order. */
function loggedSteps(): readonly string[] {
  return read("metrics.csv")
    .slice(1)
    .map((row) => row.split(",").slice(0, 2).join(":"));
}

/** As `saveCheckpoint` and the end of a job leave it. */
async function writeCheckpoint(job: string, step: number, epochs: number): Promise<void> {
  const text = JSON.stringify({ step, history: Array.from({ length: epochs }) });
  const { work } = results.place(taskId(taskOf(job)));
  await work.write("checkpoint/checkpoint.json", new TextEncoder().encode(text));
}
async function writeResult(job: string): Promise<void> {
  await results.finish(taskOf(job));
}

function write(events: readonly DistillEvent[], known: readonly DistillEvent[] = []): void {
  const log = openRunLog(folder, known);
  for (const event of events) log.add(event);
  log.close();
}

const everyStep = (job: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, step) => `${job}:${step}`);

test("metrics.csv has a header and one row a step", () => {
  write([steps("teacher", 0, 2)]);
  expect(read("metrics.csv")).toEqual([
    "job,step,epoch,learningRate,loss,hard,soft,gradientNorm,temperature,softUnscaled,features,regularization,adversarial,discriminator",
    "teacher,0,1,0.5,1,1,,,,,,,,",
    "teacher,1,1,0.5,0.5,0.5,,,,,,,,",
  ]);
});

test("the last step of an epoch stands for all, with the epoch's means; or every step does", () => {
  const events = [steps("a", 0, 1), steps("a", 1, 1), epoch("a", 1), steps("a", 2, 2), end("a")];
  const logged = loggedEvents();
  write(events.flatMap((event) => logged(event)));
  expect(read("metrics.csv").slice(1)).toEqual(["a,1,1,0.5,1,,,,,,,,,"]);
  expect(read("events.jsonl").map((line) => JSON.parse(line).type)).toEqual([
    ...["steps", "epoch", "job-end"],
  ]);
  expect(events.flatMap(loggedEvents(true))).toEqual(events);
});

test("rows of a program with fewer columns are filled up", () => {
  const old = "job,step,epoch,learningRate,loss,hard,soft,gradientNorm\nteacher,0,1,0.5,1,1,,\n";
  const [, row] = cutMetrics(old, new Map([["teacher", { steps: 1, epochs: 1 }]])).split("\n");
  expect(row).toBe("teacher,0,1,0.5,1,1,,,,,,,,");
});

test("float32 values in events.jsonl give the same float32 back", () => {
  const loss = Float32Array.of(0.1, 1 / 3, 1e-30, 16777217);
  write([{ ...steps("a", 0, 4), metrics: { loss } } as DistillEvent]);
  const { metrics } = JSON.parse(read("events.jsonl")[0] ?? "");
  expect(Float32Array.from(metrics.loss)).toEqual(loss);
});

test("steps after the last checkpoint are cut, and stand once after going on", async () => {
  write([
    check,
    task("teacher", "begun"),
    start("teacher", 1),
    steps("teacher", 0, 2),
    epoch("teacher", 1),
    end("teacher"),
    task("teacher", "done"),
    task("student", "begun"),
    start("student", 2),
    steps("student", 0, 2),
    epoch("student", 1),
    { type: "checkpoint", job: "student", step: 2 },
    steps("student", 2, 2),
    epoch("student", 2),
  ]);
  await writeResult("teacher");
  await writeCheckpoint("student", 2, 1);
  const known = await cutLogs(store, results);
  expect(loggedSteps()).toEqual([...everyStep("teacher", 2), ...everyStep("student", 2)]);
  write(
    [
      check,
      task("teacher", "whole"),
      task("student", "begun"),
      start("student", 2),
      steps("student", 2, 1),
      steps("student", 3, 1),
      epoch("student", 2),
      end("student"),
      task("student", "done"),
    ],
    known,
  );
  expect(loggedSteps()).toEqual([...everyStep("teacher", 2), ...everyStep("student", 4)]);
  const kinds = read("events.jsonl").map((line) => {
    const { type, job, from, name, state } = JSON.parse(line);
    return [type, job, from, name, state].filter((part) => part !== undefined).join(" ");
  });
  expect(kinds).toEqual([
    "check",
    "task teacher begun",
    "job-start teacher",
    "steps teacher 0",
    "epoch teacher",
    "job-end teacher",
    "task teacher done",
    "job-start student",
    "steps student 0",
    "epoch student",
    "checkpoint student",
    "task student begun",
    "steps student 2",
    "steps student 3",
    "epoch student",
    "job-end student",
    "task student done",
  ]);
});

test("a job without checkpoint starts again, so all of its lines are cut", async () => {
  write([start("teacher", 1), steps("teacher", 0, 2), epoch("teacher", 1)]);
  expect(await cutLogs(store, results)).toEqual([]);
  expect(read("events.jsonl")).toEqual([]);
  expect(loggedSteps()).toEqual([]);
  write([start("teacher", 1), steps("teacher", 0, 1)], []);
  expect(read("metrics.csv")).toHaveLength(2);
});

test("a torn last line is dropped, whatever was torn", () => {
  const jobs: DurableJobs = new Map([["a", { steps: 4, epochs: 2 }]]);
  const durable = { jobs, tasks: new Set<string>(), unfinished: new Set<string>() };
  const whole = JSON.stringify({ type: "steps", job: "a", from: 0 });
  for (let length = 0; length < whole.length; length++)
    expect(cutEvents(`${whole}\n${whole.slice(0, length)}`, durable).text).toBe(`${whole}\n`);
  const filled = ",".repeat(metricsHeader.split(",").length - 3);
  expect(cutMetrics("job,step\na,0,1\na,1", jobs)).toBe(`${metricsHeader}\na,0,1${filled}\n`);
});

test("killed at any byte of the log, the resumed log has every step once", async () => {
  write([start("a", 1), steps("a", 0, 3), epoch("a", 1), steps("a", 3, 3)]);
  const metrics = readFileSync(join(folder, "metrics.csv"));
  const events = readFileSync(join(folder, "events.jsonl"));
  await writeCheckpoint("a", 3, 1);
  const durable = Buffer.from(metrics).indexOf("a,3,"); // the checkpoint follows the line of step 2
  for (let at = durable; at <= metrics.length; at++) {
    await store.write("metrics.csv", metrics.subarray(0, at));
    await store.write("events.jsonl", events);
    const known = await cutLogs(store, results);
    write([start("a", 1), steps("a", 3, 3), end("a")], known);
    expect(loggedSteps()).toEqual(everyStep("a", 6));
  }
});

test("progress of an unfinished labelling is dropped, of a finished one kept", async () => {
  const labels: Task = { kind: "labels", version: 1, spec: null, needs: {} };
  const about = {
    type: "task",
    task: taskId(labels),
    kind: "labels",
    name: "soft labels",
  } as const;
  const begun: DistillEvent = { ...about, state: "begun" };
  const labelled: DistillEvent = { type: "label", done: 4, total: 8, samplesPerSecond: 1 };
  write([begun, labelled]);
  expect(await cutLogs(store, results)).toEqual([]);
  write([begun, labelled]);
  await results.finish(labels);
  expect(await cutLogs(store, results)).toEqual([begun, labelled]);
});
