/**
 * @file What each precision of the soft labels costs: rows worked out again from the run's own
 * parts.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryStore, openSoftLabels } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { labelAll } from "./label.ts";
import { accuracy, klToTeacher } from "./metrics/index.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, finish, randomTeacher, tinyRun } from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

test("float32, float16 and 8 bits: sizes fall, the labels' own KL rises, each student is measured", async () => {
  const teacher = await randomTeacher(runtime);
  const options = tinyRun(runtime, { kind: "given", teacher }, { precisions: true });
  const { arms, precisions, teacherTestLogits } = (await finish(runDistillation(options))).value;
  expect(precisions.map(({ precision }) => precision)).toEqual(["float32", "float16", "int8"]);
  const [single, half, byte] = precisions;
  expect(single!.bytes).toBeGreaterThan(half!.bytes);
  expect(single!.klNats).toBe(0);
  expect(half!.klNats).toBeGreaterThan(0);
  expect(half!.klNats).toBeLessThan(1e-6); // 11 bits of logits of size 1, squared
  expect(byte!.klNats).toBeGreaterThan(half!.klNats);

  const { testLogits } = arms[0]!.runs[0]!; // the distilled student, from the run's own float16
  expect(half!.studentAccuracy).toBe(accuracy(testLogits, data.test.labels));
  expect(half!.studentKlNats).toBe(klToTeacher(testLogits, teacherTestLogits!, data.test.length));
  for (const { studentKlNats } of [single!, byte!])
    expect(Math.abs(studentKlNats - half!.studentKlNats)).toBeLessThan(0.01); // nearly that student
});

test("a teacher of independent classes is compared class by class", async () => {
  const plain = await randomTeacher(runtime);
  const members = plain.members.map((member) => ({ ...member, kind: "sigmoid" as const }));
  const teacher: Teacher = { ...plain, members };
  const options = tinyRun(runtime, { kind: "given", teacher }, { precisions: true });
  const { arms, precisions, teacherTestLogits } = (await finish(runDistillation(options))).value;
  const [single, half, byte] = precisions;
  const { testLogits } = arms[0]!.runs[0]!;
  const { length } = data.test;
  const byClass = klToTeacher(testLogits, teacherTestLogits!, length, { isSigmoid: true });
  expect(half!.studentKlNats).toBe(byClass);
  expect(single!.klNats).toBe(0);
  // a number that all of a sample's logits are off by is no distance under a softmax
  const stored = await klOf(teacher, "int8", true);
  expect(byte!.klNats).toBe(stored);
  expect(stored).not.toBe(await klOf(teacher, "int8", false));
});

/** Of the training samples' stored logits to the teacher's. */
async function klOf(
  teacher: Teacher,
  precision: "float32" | "int8",
  isSigmoid: boolean,
): Promise<number> {
  const logits = async (stored: typeof precision): Promise<Float32Array> => {
    const store = memoryStore();
    await labelAll({ teacher, dataset: data.train, store, precision: stored });
    const labels = await openSoftLabels(store);
    const all = new Float32Array(labels.length * 3);
    for (let at = 0; at < labels.length; at++)
      labels.logits(at, 0, all.subarray(3 * at, 3 * at + 3));
    return all;
  };
  return klToTeacher(await logits(precision), await logits("float32"), data.train.length, {
    isSigmoid,
  });
}
