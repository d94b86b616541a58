/**
 * @file What each precision of the soft labels costs: rows worked out again from the run's own
 * parts.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { accuracy, klToTeacher } from "../evaluate/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, finish, randomTeacher, tinyRun } from "./tiny-run.cases.ts";

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
