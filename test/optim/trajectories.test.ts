/**
 * @file Twenty training steps in ONNX Runtime against PyTorch: weights, running statistics, losses.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  centreInConvolution,
  compileGraph,
  shareCommonValues,
  stepGraph,
  trainingForms,
} from "../../src/engine/compile/index.ts";
import { valuesOf } from "../../src/engine/graph/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { openStepRunner } from "../../src/engine/train/step-runner.ts";
import { assertClose } from "../support/close.ts";
import {
  golden,
  startState,
  type TrainingSetup,
  trajectorySlabs,
  trajectoryStep,
} from "../support/trajectory.ts";

const mlp = { family: "mlp", hidden: [8, 5] } as const;
const cnn = { family: "cnn", channels: [3, 4], hidden: [6] } as const;
const wideCnn = { family: "cnn", channels: [16, 32], hidden: [6], batchNorm: true } as const;
const momentum = { name: "sgd", momentum: 0.9 } as const;
const decayed = { ...momentum, weightDecay: 0.02 } as const;

const setups: Readonly<Record<string, TrainingSetup>> = {
  "mlp, sgd": { network: mlp, optimizer: { name: "sgd" } },
  "mlp, momentum and decay": { network: mlp, optimizer: decayed },
  "mlp, nesterov": { network: mlp, optimizer: { ...decayed, nesterov: true } },
  "mlp, decay of all": {
    network: mlp,
    optimizer: { name: "sgd", momentum: 0.5, weightDecay: 0.1 },
    decay: "all",
  },
  "mlp, adam": { network: mlp, optimizer: { name: "adam", weightDecay: 0.02 } },
  "mlp, adamW": {
    network: mlp,
    optimizer: { name: "adamW", weightDecay: 0.5, beta1: 0.8, beta2: 0.95 },
  },
  "mlp, clipped": { network: mlp, optimizer: momentum, clipNorm: 0.7 },
  "mlp, max-norm": { network: mlp, optimizer: momentum, maxNorm: 1.1 },
  "cnn, momentum and decay": { network: cnn, optimizer: decayed },
  "cnn, adamW": { network: cnn, optimizer: { name: "adamW", weightDecay: 0.1 } },
  "cnn, max-norm": { network: cnn, optimizer: { name: "sgd" }, maxNorm: 0.9 },
  "mlp, parameter groups": {
    network: mlp,
    optimizer: decayed,
    parameterGroups: [
      { parameters: "hidden1/*", learningRateScale: 0.5, weightDecay: 0.1 },
      { parameters: "hidden2/kernel", learningRateScale: 0 },
      { parameters: "*/bias", learningRateScale: 2 },
    ],
  },
  "cnn, adamW, parameter groups": {
    network: cnn,
    optimizer: { name: "adamW", weightDecay: 0.1 },
    parameterGroups: [
      { parameters: ["conv1/*", "conv2/*"], learningRateScale: 0.25 },
      { parameters: "output/kernel", weightDecay: 0.5 },
    ],
  },
  "wide cnn, momentum and decay": { network: wideCnn, optimizer: decayed },
  "wide cnn, adamW": { network: wideCnn, optimizer: { name: "adamW", weightDecay: 0.1 } },
  "cnn with batch norm": { network: { ...cnn, batchNorm: true }, optimizer: decayed },
};

/**
 * The golden run is float64, ours float32. One step rounds a weight near 1 by 6e-8; twenty steps
 * feed the rounding back through the loss.
 */
const tolerances = {
  1: { rtol: 1e-5, atol: 1e-6 },
  5: { rtol: 1e-4, atol: 5e-6 },
  20: { rtol: 5e-4, atol: 2e-5 },
} as const;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => runtime.close());

it("has a setup for every golden run", () => {
  expect(Object.keys(setups).sort()).toEqual(golden.cases.map(({ name }) => name).sort());
});

it.each(golden.cases.filter(({ name }) => name.startsWith("wide")))(
  "$name: in the runtime's blocks, each batch mean through its convolution",
  (trajectory) => {
    const graph = stepGraph(trajectoryStep(trajectory, setups[trajectory.name]!));
    const { nodes } = readOnnx(compileGraph(graph, { forms: trainingForms(16) }), "step").graph;
    expect(nodes.some(({ type }) => type === "ReorderInput")).toBe(true);
    const values = valuesOf(centreInConvolution(shareCommonValues(graph)));
    const means = values.filter(({ op, shape }) => op === "conv2d" && shape[0] === 1);
    expect(means).toHaveLength(2);
  },
);

describe.each(golden.cases)("$name", (trajectory) => {
  it("has PyTorch's weights after 1, 5 and 20 steps", async () => {
    const setup = setups[trajectory.name]!;
    const step = trajectoryStep(trajectory, setup);
    const runner = await openStepRunner(runtime, step, startState(trajectory, step));
    const losses: Record<string, number[]> = {};
    let done = 0;
    for (const upTo of [1, 5, 20] as const) {
      const slabs = trajectorySlabs(trajectory, setup, done, upTo - done);
      const { metrics } = await runner.run(slabs, upTo - done);
      for (const [name, values] of Object.entries(metrics))
        losses[name] = [...(losses[name] ?? []), ...values];
      done = upTo;
      const state = await runner.state();
      for (const [name, expected] of Object.entries(trajectory.states[upTo]!)) {
        const { shape, data } = state.get(name)!;
        const { every } = expected;
        const all = data as Float32Array; // every state is float32
        const kept = all.filter((_, i) => i % (every ?? 1) === 0);
        const got = { shape: every === undefined ? shape : [kept.length], data: kept };
        assertClose(`${name} after ${upTo} steps`, got, expected, tolerances[upTo]);
      }
    }
    const column = (values: readonly number[]) => ({ shape: [20], data: values });
    for (const [index, name] of ["loss", "hard", "soft"].entries()) {
      const expected = trajectory.losses.map((row) => row[index]!);
      assertClose(name, column(losses[name]!), column(expected), tolerances[20]);
    }
    if (setup.clipNorm !== undefined) {
      const { gradientNorms } = trajectory;
      assertClose("norm", column(losses.gradientNorm!), column(gradientNorms), tolerances[20]);
      expect(gradientNorms.some((norm) => norm > 0.7)).toBe(true);
      expect(gradientNorms.some((norm) => norm < 0.7)).toBe(true);
    }
    await runner.close();
  });
});
