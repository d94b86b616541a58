/** @file Faults in the loss's temperature and in the exported file, injected and caught by name. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportOnnx } from "../../device/export/index.ts";
import { constant, type Value } from "../../engine/graph/index.ts";
import { add, mul, reduceSum } from "../../engine/ops/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { zeros } from "../../engine/tensor/index.ts";
import { inferenceGraph } from "../../engine/train/index.ts";
import { exportStudent } from "../final-stage.ts";
import { type LogitLoss, softTargetLoss } from "../losses/index.ts";
import { data, failure, randomModel } from "../small-problem.cases.ts";
import { studentFile } from "../student-file.ts";
import { networkOf } from "../training/model-file.ts";
import { namedFailure } from "./check.ts";
import { assertSameLogits, assertStudentAlone } from "./export.ts";
import { checkTemperatureScale } from "./temperature-scale.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe("J7, T² missing or half applied", () => {
  const unscaled: LogitLoss = (s, t, context) =>
    softTargetLoss(s, t, { ...context, scaleByTemperatureSquared: false });
  const scaledBy =
    (factor: (T: Value) => Value): LogitLoss =>
    (s, t, context) =>
      mul(unscaled(s, t, context), factor(context.temperature as Value)); // the check feeds it

  test.each<[string, LogitLoss]>([
    ["missing", unscaled],
    ["applied once instead of squared", scaledBy((T) => T)],
    ["applied twice", scaledBy((T) => mul(mul(T, T), mul(T, T)))],
  ])("%s", async (_, loss) => {
    const { code, message } = await failure(checkTemperatureScale(runtime, loss, true));
    expect(code).toBe("check/J7");
    expect(message).toContain("at T = 2 loss and gradient must be");
  });

  test("whole, and left out on purpose", async () => {
    const whole: LogitLoss = (s, t, context) => softTargetLoss(s, t, context);
    expect((await checkTemperatureScale(runtime, whole, true)).passed).toBe(true);
    expect((await checkTemperatureScale(runtime, unscaled, false)).passed).toBe(true);
    expect((await failure(checkTemperatureScale(runtime, whole, false))).code).toBe("check/J7");
  });
});

describe("J8, the exported file holds more than the student", () => {
  const student = randomModel([4], 1);
  const weights = 36 * 4 + 4 + 4 * 3 + 3;

  test("a student's own file is its weights and a few constants", () => {
    expect(studentFile(student).storedElements).toBeGreaterThanOrEqual(weights);
    expect(studentFile(student).storedElements).toBeLessThan(weights + 20);
  });

  test("a teacher inside is caught by the number of elements", async () => {
    const network = networkOf(student);
    const graph = inferenceGraph({ ...student, network, batchSize: 1 });
    const { value } = graph.outputs[0]!;
    const teacher = constant(zeros("float32", [1, 6000]), "teacher");
    const both = {
      ...graph,
      outputs: [
        { name: "logits", value: add(value, reduceSum(teacher, { axes: [1], keepDims: true })) },
      ],
    };
    const gate = () => exportOnnx(both, { weightElements: weights });
    expect(gate).toThrowError(/may hold the student's 163 weights/);
    const named = await failure(
      Promise.resolve()
        .then(gate)
        .catch((cause) => Promise.reject(namedFailure(cause))),
    );
    expect(named.code).toBe("check/J8");
  });

  test("a teacher smaller than the file format's own allowance is caught too", async () => {
    const { code } = await failure(
      Promise.resolve().then(() => assertStudentAlone(weights + 300, weights)),
    );
    expect(code).toBe("check/J8");
  });

  test("tensors that the network does not know do not widen the gate, nor enter the file", async () => {
    const stowaway = new Map([
      ...student.weights,
      ["teacher/kernel", zeros("float32", [500, 500])],
    ]);
    const { bytes, storedElements } = studentFile({ ...student, weights: stowaway });
    expect(storedElements).toBeLessThan(weights + 20);
    expect(bytes).toEqual(studentFile(student).bytes);
  });

  test("logits that are not the graph's", async () => {
    const graph = Float32Array.of(1, 2, 3);
    expect(assertSameLogits([1, 2, 3.0001], graph)).toBeCloseTo(1e-4, 6);
    for (const file of [
      [1, 2, 3.1],
      [1, 2, Number.NaN],
      [1, 2],
    ])
      expect(
        (await failure(Promise.resolve().then(() => assertSameLogits(file, graph)))).code,
      ).toBe("check/J8");
  });

  test("export gives the trained graph's logits", async () => {
    const job = { id: "s", model: student, history: [], bestEpoch: 1, validationAccuracy: 0 };
    const found = await exportStudent(runtime, { seed: 1, job }, data.validation);
    expect(found.maxDifference).toBeLessThan(1e-5); // float32, sums of 36 terms
    expect(found.bytes).toEqual(studentFile(student).bytes);
  });
});
