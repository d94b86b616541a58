/**
 * @file Quantisation-aware training against the quantiser: the network that was trained computes
 * what its integer form computes.
 */

import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/index.ts";
import {
  type QuantizationAwareSpec,
  type QuantizedGraph,
  quantizationAware,
  quantizedInference,
  quantizeSamples,
  runQuantized,
  trainedQuantization,
} from "../../src/device/quantize/index.ts";
import {
  type JobResult,
  modelLogits,
  networkOf,
  quantizeModel,
  readModel,
  runJob,
  writeModel,
} from "../../src/distill/index.ts";
import { accuracy } from "../../src/distill/metrics/index.ts";
import { initialParameters, type Network, type NetworkSpec } from "../../src/engine/nn/index.ts";
import { add, sigmoid } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { scalar } from "../../src/engine/tensor/index.ts";
import { openPredictor } from "../../src/engine/train/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { firstDigits } from "../support/first-digits.ts";

let runtime: Runtime;
let train: Dataset;
let test: Dataset;

beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  ({ train, test } = await firstDigits(600, 60));
});

async function trained(
  network: NetworkSpec,
  quantizationAware: QuantizationAwareSpec | undefined,
  epochs = 4,
): Promise<JobResult> {
  const rate = { kind: "cosine", value: 0.01 } as const;
  const own = quantizationAware === undefined ? {} : { quantizationAware };
  const training = { epochs, learningRate: rate, ...own };
  const run = runJob(
    { id: "aware", network, train, validation: test, training, seed: 1 },
    { runtime },
  );
  let step = await run.next();
  while (!step.done) step = await run.next();
  return step.value;
}

/** @returns integer logits of each test sample, and of the float network on its grid, in steps */
async function bothLogits({ model }: JobResult): Promise<{
  readonly int8: QuantizedGraph;
  readonly integers: Float32Array;
  readonly steps: Float32Array;
}> {
  const int8 = await quantizeModel(model, { calibration: train, runtime });
  const size = 196;
  const samples = new Uint8Array(test.length * size);
  await test.gather(
    Int32Array.from({ length: test.length }, (_, index) => index),
    samples,
  );
  const encoded = quantizeSamples(samples, int8.sample, int8.tensors[int8.input]!);
  const integers = Float32Array.from(
    Array.from({ length: test.length }, (_, at) => [
      ...runQuantized(int8, encoded.slice(at * size, (at + 1) * size), "xnnpack"),
    ]).flat(),
  );
  const { scale, zeroPoint } = int8.tensors[int8.output]!;
  const logits = await modelLogits(runtime, model, test);
  return { int8, integers, steps: logits.map((logit) => logit / scale + zeroPoint) };
}

const cases: readonly {
  readonly name: string;
  readonly network: NetworkSpec;
  readonly aware: QuantizationAwareSpec;
  readonly epochs?: number;
  /** biases in int32, sums in another order: some results fall on the other side of a half */
  readonly worst: number;
  readonly share: number;
}[] = [
  {
    name: "dense layers, moving ranges",
    network: { family: "mlp", hidden: [16] },
    aware: {},
    worst: 1,
    share: 0.01,
  },
  {
    name: "dense layers, learned ranges, a scale per output",
    network: { family: "mlp", hidden: [16], dropout: 0.1 },
    aware: { ranges: "learned", startEpoch: 1, perChannelDense: true },
    worst: 1,
    share: 0.01,
  },
  {
    name: "3-bit weights",
    network: { family: "mlp", hidden: [16] },
    aware: { bits: 3 },
    worst: 1,
    share: 0.1, // coarse weights make a coarse grid of biases
  },
  {
    name: "convolutions, activations after max pooling",
    network: { family: "cnn", channels: [4, 4] },
    aware: { startEpoch: 1 },
    worst: 1,
    share: 0.03,
  },
  {
    name: "an activation that becomes a table",
    network: { family: "cnn", channels: [4], activation: "hardSwish" },
    aware: {},
    worst: 1,
    share: 0.03,
  },
  {
    name: "batch normalisation folded, depthwise convolutions, average pooling",
    network: { family: "dsCnn", channels: 8, blocks: 1 },
    aware: { startEpoch: 2 },
    worst: 6,
    share: 0.2,
  },
  {
    name: "residual sums",
    network: { family: "resnet8", width: 2 },
    aware: { startEpoch: 1, ranges: "learned" },
    worst: 6,
    share: 0.5,
  },
  {
    name: "dilated convolutions of a sequence, normalisation folded, mean of positions",
    network: { family: "tcn", channels: [6, 8], dropout: 0.1 },
    aware: { startEpoch: 8 },
    epochs: 12,
    worst: 6,
    share: 0.1,
  },
  {
    name: "the last position of convolutions of a sequence, learned ranges",
    network: { family: "tcn", channels: [6, 6], pooling: "last" },
    aware: { startEpoch: 8, ranges: "learned" },
    epochs: 12,
    worst: 6,
    share: 0.1,
  },
  {
    // int32 biases are a thirtieth of a gate's step off: some gates, and over 14 steps some upper
    // bytes of states, round to the other side
    name: "a gated recurrent unit, its last state",
    network: { family: "gru", units: [12] },
    aware: {},
    epochs: 12,
    worst: 6,
    share: 0.25,
  },
  {
    name: "two of them, dropout between, 5-bit weights, the mean of positions",
    network: { family: "gru", units: [10, 8], pooling: "mean", dropout: 0.1 },
    aware: { startEpoch: 1, bits: 5 },
    epochs: 12,
    worst: 6,
    share: 0.25,
  },
];

describe("the trained network equals its integer form", () => {
  it.each(cases)("$name", async ({ network, aware, epochs, worst, share }) => {
    const job = await trained(network, aware, epochs);
    const { integers, steps } = await bothLogits(job);
    const differences = integers.map((integer, at) => Math.abs(integer - steps[at]!));
    expect(Math.max(...differences)).toBeLessThan(worst + 0.01);
    expect(differences.filter((d) => d > 0.5).length).toBeLessThan(share * differences.length);
    // one sample of 60 may turn where two logits are one step apart
    const gap = accuracy(integers, test.labels) - accuracy(steps, test.labels);
    expect(Math.abs(gap)).toBeLessThanOrEqual(0.017);
    expect(job.validationAccuracy).toBeCloseTo(accuracy(steps, test.labels), 6);
  });
});

it("holds as few integers as were asked for", async () => {
  const job = await trained({ family: "mlp", hidden: [8] }, { bits: 3 }, 2);
  const { int8 } = await bothLogits(job);
  const weights = int8.layers.flatMap((layer) =>
    layer.kind === "dense" ? [...layer.weights] : [],
  );
  expect([...new Set(weights)].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
});

it("puts a recurrent unit's weights on the grid of so many bits, row by row", async () => {
  const job = await trained({ family: "gru", units: [6] }, { bits: 3 }, 2);
  const { int8 } = await bothLogits(job);
  const gru = int8.layers.find(({ kind }) => kind === "gru");
  if (gru?.kind !== "gru") throw new Error("no gru");
  for (const { weights, bias } of [gru.fromInput, gru.fromState]) {
    expect(bias).toHaveLength(18);
    expect([...new Set(weights)].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  }
});

it("trains in float, byte for byte, until the start epoch", async () => {
  const network = { family: "mlp", hidden: [8] } as const;
  const losses = ({ history }: JobResult): readonly number[] => history.map((e) => e.train.loss!);
  const float = losses(await trained(network, undefined));
  const aware = losses(await trained(network, { startEpoch: 2, bits: 2 }));
  expect(aware.slice(0, 2)).toEqual(float.slice(0, 2));
  expect(aware[2]).not.toEqual(float[2]);
});

it("survives its file", async () => {
  const { model } = await trained({ family: "mlp", hidden: [8] }, { ranges: "learned" }, 1);
  const read = readModel(writeModel(model), "test");
  expect(read.quantization).toEqual(model.quantization);
  expect(await modelLogits(runtime, read, test)).toEqual(await modelLogits(runtime, model, test));
});

it.each([
  [
    { family: "dsCnn", channels: 8, blocks: 1 } as const,
    {},
    "config/conflict",
    "batch normalisation needs epochs in float first",
  ],
  [{ family: "mlp", hidden: [8] } as const, { bits: 1 }, "config/range", "bits must be"],
])("refuses %o with %o", async (network, aware, code, rule) => {
  const error: unknown = await trained(network, aware).catch((thrown: unknown) => thrown);
  if (!isDistillError(error)) throw error;
  expect(error.code).toContain(code);
  expect(error.message).toContain(rule);
});

it("refuses values that no path names", () => {
  const network: Network = {
    name: "own",
    inputShape: [2],
    layers: [],
    parameters: [],
    outputShape: [2],
    classCount: 2,
    forward: (x) => add(x, sigmoid(x)),
  };
  const encoding = { dtype: "float32", scale: 1, offset: 0 } as const;
  expect(() => quantizationAware(network, { encoding, stepsPerEpoch: 1 })).toThrow(
    /own: quantisation-aware training takes layers whose values have a path each, got/,
  );
});

it("takes learned factors into the ranges that it leaves", async () => {
  const network = networkOf({
    spec: { family: "mlp", hidden: [6] },
    sample: test,
    classNames: test.classNames,
  });
  const encoding = { dtype: "uint8", scale: 1 / 255, offset: 0 } as const;
  const spec = { ranges: "learned", encoding, stepsPerEpoch: 1 } as const;
  const aware = quantizationAware(network, spec);
  const state = new Map(initialParameters(aware.parameters, 3));
  const numbers = {
    "activation1/relu/min": 0,
    "activation1/relu/max": 3,
    "activation1/relu/factor": 0.25,
    "output/gemm/min": -4,
    "output/gemm/max": 2,
    "output/gemm/factor": 0.5,
  };
  for (const [name, number] of Object.entries(numbers))
    state.set(`quantization/${name}`, scalar("float32", number));
  const trained = trainedQuantization(network, spec, state);
  expect(trained.ranges).toEqual({
    "activation1/relu": { min: 0, max: 0.75 },
    "output/gemm": { min: -2, max: 1 },
  });
  const served = quantizedInference(network, trained, encoding);
  const logitsOf = async (form: Network): Promise<Float32Array> => {
    const common = { sample: test, preprocessing: test.preprocessing, batchSize: 60 };
    const predictor = await openPredictor(runtime, { ...common, network: form, weights: state });
    const logits = await predictor.datasetLogits(test, {});
    await predictor.close();
    return logits;
  };
  expect(await logitsOf(served)).toEqual(await logitsOf(aware));
});
