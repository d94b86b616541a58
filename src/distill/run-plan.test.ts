/** @file What a run would not be without is refused before its first event. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { arrayDataset, type Dataset, splitDataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { DistillOptions } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import { failure, tinyRun } from "./small-problem.cases.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const teacher = { network: { family: "mlp", hidden: [8] }, training: { epochs: 1 } } as const;
const untyped = (arm: string): readonly ["scratch"] => [arm as "scratch"]; // as JavaScript may

test("a single class is nothing to tell apart", async () => {
  const plain = tinyRun(runtime, { kind: "train", teacher });
  const one = (part: Dataset): Dataset =>
    arrayDataset({
      name: part.name,
      dtype: "uint8",
      shape: part.shape,
      data: new Uint8Array(part.length * 36).map((_, at) => at + part.length),
      labels: new Int32Array(part.length),
      classNames: ["left"],
    });
  const { train, validation, test: last } = plain.data;
  const data = { train: one(train), validation: one(validation), test: one(last) };
  const error = await failure(runDistillation({ ...plain, data }).next());
  expect(error.code).toBe("data/classes");
});

test.each<[string, Partial<DistillOptions>, RegExp]>([
  ["seeds that are one when rounded", { seeds: [1.2, 1.4] }, /range.* seed must be an integer/],
  ["a negative seed", { seeds: [-1] }, /range.* seed must be an integer.* got -1/],
  [
    "a precision that is none",
    { labels: { precision: "float61" as "float16" } },
    /unknown-name.* mean "float16"/,
  ],
  ["an arm that is none", { arms: untyped("distiled") }, /unknown-name.* mean "distilled"/],
  ["views that are all one", { labels: { views: 2 } }, /conflict.* several views/],
  ["no views", { labels: { views: 0 } }, /range.* views must be an integer/],
  [
    "nothing to learn from",
    { distillation: { softWeight: 0, hardWeight: 0 } },
    /conflict.* nothing would be learned/,
  ],
  [
    "a grid that comes after the last epoch",
    { training: { epochs: 2, quantizationAware: { startEpoch: 2 } } },
    /range.* startEpoch must be an integer/,
  ],
])("%s", async (_, change, message) => {
  const run = runDistillation(tinyRun(runtime, { kind: "train", teacher }, change));
  const error = await failure(run.next());
  expect(`${error.code}: ${error.message}`).toMatch(message);
});

const speakers = (set: Dataset, ...names: readonly string[]): Dataset => ({
  ...set,
  groups: Array.from({ length: set.length }, (_, at) => names[at % names.length]!),
});

test("parts that share a group, unless they were split sample by sample", async () => {
  const plain = tinyRun(runtime, { kind: "train", teacher });
  const { train, validation, test: last } = plain.data;
  const own = speakers(train, "ann", "bob");
  const [others, further] = [speakers(validation, "cy"), speakers(last, "di")];
  for (const [data, where, group] of [
    [{ train: own, validation: speakers(validation, "bob"), test: last }, "train and vali", "bob"],
    [{ train: own, validation: others, test: speakers(last, "di", "ann") }, "train and tes", "ann"],
    [{ train: own, validation: others, test: speakers(last, "cy") }, "validation and test", "cy"],
  ] as const) {
    const error = await failure(runDistillation({ ...plain, data }).next());
    expect(error.code).toBe("data/leak");
    expect(error.message).toMatch(
      new RegExp(`^${where}.*: no group may stand on two sides, got ${group}\\. Move each group`),
    );
  }
  const all = splitDataset(own, { seed: 1, by: "sample", validation: 0.3, test: 0.3 });
  const data = { ...all, test: all.test! };
  const whole = (set: Dataset): Dataset => ({ ...set, wholeGroups: true });
  await runDistillation({ ...plain, data }).next();
  await runDistillation({
    ...plain,
    data: { train: own, validation: others, test: further },
  }).next();
  const apart = { train: whole(all.train), validation: whole(all.validation), test: further };
  expect((await failure(runDistillation({ ...plain, data: apart }).next())).code).toBe("data/leak");
});

test("a teacher's own training data that share a group with the test part", async () => {
  const { data, ...plain } = tinyRun(runtime, { kind: "train", teacher });
  const heard = speakers(data.train, "ann");
  const parts = { ...data, test: speakers(data.test, "ann") };
  const own = { kind: "train", teacher: { ...teacher, data: heard } } as const;
  const error = await failure(runDistillation({ ...plain, data: parts, teacher: own }).next());
  expect(error.message).toMatch(
    /^training data and test: no group may stand on two sides, got ann/,
  );
});

const inWindow = (from: number, to: number) =>
  ({ kind: "windows", value: 0.9, on: [[from, to]] }) as const;

test("a part of the run in which nothing would be learned", async () => {
  const plain = tinyRun(runtime, { kind: "train", teacher });
  const refused = (distillation: NonNullable<DistillOptions["distillation"]>) =>
    failure(runDistillation({ ...plain, distillation }).next());
  const ends = await refused({ softWeight: inWindow(0, 0.5), hardWeight: 0 });
  expect(ends.message).toContain(
    "must not both be 0: nothing would be learned, got 0 and 0 from 0.5",
  );
  const never = await refused({ softWeight: 0, hardWeight: 0 });
  expect(never.message).toContain("got 0 and 0. Raise");
  const apart = { softWeight: inWindow(0, 0.5), hardWeight: inWindow(0.5, 1) };
  const run = runDistillation({ ...plain, distillation: apart });
  expect((await run.next()).done).toBe(false); // they take turns
  await run.return(undefined as never);
});
