/**
 * @file By the public interface alone: a step of a network with two inputs, two outputs, a shared
 * layer, a stop-gradient and three learning rates, against PyTorch.
 */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  add,
  concat,
  gemm,
  mul,
  reduceMean,
  stopGradient,
  sub,
  tanh,
} from "../../src/engine/ops/index.ts";
import {
  compileSteps,
  gradients,
  hardLabelLoss,
  input,
  nodeRuntime,
  type Step,
  type Tensor,
  tensor,
  type Value,
} from "../../src/index-node.ts";
import { assertClose } from "../support/close.ts";
import type { Numbers } from "../support/gradient-graph.ts";

const url = new URL("../golden/optim/several-inputs.json", import.meta.url);
// written by scripts/golden/several_inputs.py
const golden = JSON.parse(readFileSync(url, "utf8")) as {
  readonly momentum: number;
  readonly decay: number;
  readonly rates: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly labels: readonly number[];
  readonly start: Readonly<Record<string, Numbers>>;
  readonly end: Readonly<Record<string, Numbers>>;
  readonly losses: readonly (readonly [number, number])[];
};
const steps = golden.losses.length;

const float = ({ shape, data }: Numbers): Tensor =>
  tensor("float32", shape, Float32Array.from(data));

/** The same numbers at every step. */
function slab({ shape, data }: Numbers): Tensor {
  const rows = Array.from({ length: steps }, () => data).flatMap((row) => Array.from(row));
  return tensor("float32", [steps, ...shape], Float32Array.from(rows));
}

/** SGD with momentum; each part of the network has a learning rate that is fed. */
function builtStep(): Step {
  const placeholder = (name: string, { shape }: Numbers): Value => input(name, "float32", shape);
  const fed = Object.entries(golden.inputs).map(([name, value]) => placeholder(name, value));
  const [left, right, target] = fed as [Value, Value, Value]; // in the file's order
  const labels = input("labels", "int32", [golden.labels.length]);
  const weights = new Map(
    Object.entries(golden.start).map(([name, value]) => [name, placeholder(name, value)]),
  );
  const dense = (x: Value, layer: string): Value =>
    gemm(x, weights.get(`${layer}/kernel`)!, { c: weights.get(`${layer}/bias`)! });
  const features = concat([tanh(dense(left, "shared")), tanh(dense(right, "shared"))], 1);
  const logits = dense(features, "classifier");
  const error = sub(dense(stopGradient(features), "regression"), target);
  const losses = [hardLabelLoss(logits, labels), reduceMean(mul(error, error))] as const;
  const wrt = [...weights.values()];
  const slopes = gradients(add(...losses), wrt);
  const rates = new Map(
    Object.keys(golden.rates).map((layer) => [layer, input(`rate ${layer}`, "float32", [])]),
  );
  const state = wrt.flatMap((before, i) => {
    const { name, shape } = before;
    const velocity = input(`velocity:${name}`, "float32", shape);
    const decay = name === "classifier/kernel" ? mul(before, golden.decay) : mul(before, 0);
    const next = add(mul(velocity, golden.momentum), add(slopes[i]!, decay));
    const rate = rates.get(name.split("/")[0]!)!;
    return [
      { before, after: sub(before, mul(next, rate)) },
      { before: velocity, after: next },
    ];
  });
  const metrics = losses.map((value, i) => ({ name: ["hard", "error"][i]!, value }));
  const perStep = [...fed, labels, ...rates.values()];
  return { name: "two in, two out", state, perStep, metrics };
}

it("two inputs, two outputs, one shared layer: PyTorch's weights after twenty steps", async () => {
  const step = builtStep();
  const runtime = await nodeRuntime({ worker: false });
  const session = await runtime.load(compileSteps(step));
  const labels = Array.from({ length: steps }, () => golden.labels).flat();
  const { outputs } = await session.run({
    steps: tensor("int64", [], BigInt64Array.of(BigInt(steps))),
    ...Object.fromEntries(
      step.state.map(({ before: { name, shape } }) => {
        const size = shape.reduce((product, one) => product * one, 1);
        const zeros = { shape, data: new Array<number>(size).fill(0) };
        return [name, float(golden.start[name] ?? zeros)];
      }),
    ),
    ...Object.fromEntries(Object.entries(golden.inputs).map(([name, v]) => [name, slab(v)])),
    labels: tensor("int32", [steps, golden.labels.length], Int32Array.from(labels)),
    ...Object.fromEntries(
      Object.entries(golden.rates).map(([layer, rate]) => [
        `rate ${layer}`,
        tensor("float32", [steps], new Float32Array(steps).fill(rate)),
      ]),
    ),
  });
  await session.dispose();
  // float32 against float64, fed back through twenty losses
  const tolerance = { rtol: 1e-4, atol: 1e-5 };
  for (const [name, expected] of Object.entries(golden.end)) {
    const got = outputs[`${name}'`]!;
    assertClose(name, { shape: got.shape, data: got.data as Float32Array }, expected, tolerance);
  }
  for (const [i, name] of ["hard", "error"].entries()) {
    const column = { shape: [steps], data: golden.losses.map((row) => row[i]!) };
    const got = outputs[name]!.data as Float32Array; // compileSteps declares metrics float32
    assertClose(name, { shape: [steps], data: got }, column, tolerance);
  }
  expect(golden.losses.at(-1)![0]).toBeLessThan(golden.losses[0]![0]);
});
