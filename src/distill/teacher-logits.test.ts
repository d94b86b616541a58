/** @file Logits of a batch fill all of its rows, whatever the array held before. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryStore, openSoftLabels, type SoftLabels } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { labelAll } from "./label.ts";
import { data, randomTeacher } from "./small-problem.cases.ts";
import { askedLogits, storedLogits } from "./teacher-logits.ts";
import type { Teacher } from "./teachers/index.ts";

let runtime: Runtime;
let live: Teacher;
let softLabels: SoftLabels;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  live = await randomTeacher(runtime);
  const store = memoryStore();
  await labelAll({ teacher: live, dataset: data.train, store });
  softLabels = await openSoftLabels(store);
});
afterAll(async () => {
  await live.close();
  await runtime.close();
});

test.each(["stored", "asked"])("a sample without soft labels has zeros, %s", async (from) => {
  const rows = Int32Array.from({ length: data.train.length }, (_, index) => index);
  rows[1] = -1;
  const fill =
    from === "stored"
      ? storedLogits(softLabels, rows)
      : askedLogits({ live, dataset: data.train, softLabels, rows });
  const { classCount } = softLabels.manifest;
  const into = new Float32Array(3 * classCount).fill(7);
  await fill(Int32Array.of(2, 1, 0), 0, into);
  const own = (index: number): Float32Array =>
    softLabels.logits(index, 0, new Float32Array(classCount));
  expect(into.slice(0, classCount)).toEqual(own(2));
  expect(into.slice(classCount, 2 * classCount)).toEqual(new Float32Array(classCount));
  expect(into.slice(2 * classCount)).toEqual(own(0));
});
