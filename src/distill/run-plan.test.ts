/** @file What a run would not be without is refused before its first event. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { arrayDataset, type Dataset } from "../data/index.ts";
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
