/**
 * @file The graph that trains each family, outputs and gradients, in ONNX Runtime in the forms of
 * training, against float64: wide enough for the runtime's blocks, and with batches large enough
 * for the mean to go through a convolution.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { compileGraph, trainingForms } from "../../src/engine/compile/index.ts";
import { constant, type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import {
  buildNetwork,
  initialParameters,
  isTrainable,
  type Network,
  type NetworkSpec,
} from "../../src/engine/nn/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { mul, reduceSum } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { float32, permutation, type Shape, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { gradientError } from "../support/gradient-error.ts";
import { uniform } from "../support/op-cases.ts";

interface Case {
  readonly spec: NetworkSpec;
  readonly shape: Shape;
  readonly batch: number;
  /** whether images are taken into the runtime's blocks; default false */
  readonly inBlocks?: boolean;
  /** default 1e-5: float32 through some dozen layers */
  readonly tolerance?: number;
}

const cases: Readonly<Record<string, Case>> = {
  mlp: { spec: { family: "mlp", hidden: [16, 8] }, shape: [12], batch: 8 },
  cnn: {
    spec: { family: "cnn", channels: [16, 32], hidden: [6], batchNorm: true },
    shape: [1, 8, 8],
    batch: 16,
    inBlocks: true,
  },
  resnet8: { spec: { family: "resnet8", width: 16 }, shape: [3, 6, 6], batch: 16, inBlocks: true },
  dsCnn: {
    spec: { family: "dsCnn", channels: 16, blocks: 2, kernel: [4, 3] },
    shape: [1, 13, 6],
    batch: 16,
    inBlocks: true,
  },
  mobileNetV1: {
    spec: { family: "mobileNetV1", width: 0.125 },
    shape: [3, 32, 32],
    batch: 4,
    inBlocks: true,
    tolerance: 1e-3, // the last of 27 normalisations are over four numbers, and some lie close together
  },
  gru: { spec: { family: "gru", units: [8, 8] }, shape: [6, 5], batch: 8 },
  tcn: { spec: { family: "tcn", channels: [4, 4, 6], kernel: 3 }, shape: [9, 5], batch: 4 },
  tinyTransformer: {
    spec: { family: "tinyTransformer", vocabulary: 11, width: 8, heads: 2, layers: 2 },
    shape: [7],
    batch: 4,
  },
  autoencoder: {
    spec: { family: "autoencoder", hidden: [12, 8], bottleneck: 4 },
    shape: [10],
    batch: 16,
  },
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** Kernels as they start; everything else near it, and no two the same. */
function startOf(network: Network): Readonly<Record<string, Tensor<"float32">>> {
  const initial = initialParameters(network.parameters, 1);
  const moved = network.parameters.map(({ name, shape, role }, key) => {
    const start = initial.get(name)!;
    const by = uniform(shape, 0.1, 0.4, key).data;
    return [
      name,
      role === "kernel"
        ? start
        : float32(
            shape,
            start.data.map((x, i) => x + by[i]!),
          ),
    ];
  });
  return Object.fromEntries(moved);
}

function samplesOf({ spec, shape, batch }: Case): Tensor<"float32"> {
  if (spec.family !== "tinyTransformer") return uniform([batch, ...shape], -1, 1);
  const ids = permutation(batch * shape[0]!, "tokens");
  return float32(
    [batch, ...shape],
    Array.from(ids, (id) => id % spec.vocabulary),
  );
}

/** Outputs in training mode, and the gradients of their weighted sum. */
function trainingGraph(network: Network, batch: number): Graph {
  const samples = input("samples", "float32", [batch, ...network.inputShape]);
  const parameters = new Map<string, Value>(
    network.parameters.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const y = network.forward(samples, {
    training: true,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => constant(float32([], [0])), // no case has dropout
    updateStatistic: () => undefined,
  });
  const loss = reduceSum(mul(y, constant(uniform(y.shape, -1, 1, 7))));
  const names = network.parameters.filter(isTrainable).map(({ name }) => name);
  const derived = gradients(
    loss,
    names.map((name) => parameters.get(name)!),
  );
  return {
    name: "family",
    inputs: [samples, ...names.map((name) => parameters.get(name)!)],
    outputs: [
      { name: "y", value: y },
      ...derived.map((value, i) => ({ name: `d ${names[i]}`, value })),
    ],
  };
}

/** @returns how many images go into blocks of 16 and out of them, on a machine that has such */
function reorders(graph: Graph): number {
  const model = compileGraph(graph, { forms: trainingForms(16) });
  return readOnnx(model, "test").graph.nodes.filter(({ type }) => /Reorder/.test(type)).length;
}

it.each(Object.entries(cases))("%s", async (_, each) => {
  const { spec, shape, batch, inBlocks = false, tolerance = 1e-5 } = each;
  const network = buildNetwork(spec, shape, 3);
  const graph = trainingGraph(network, batch);
  expect(reorders(graph) > 0).toBe(inBlocks);
  const all: Readonly<Record<string, Tensor>> = { samples: samplesOf(each), ...startOf(network) };
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, all[name]!]));
  const fed = Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)]);
  const { y, ...slopes } = evaluateReference(graph, Object.fromEntries(fed));
  const forms = trainingForms(runtime.convolutionBlock);
  const session = await runtime.load(compileGraph(graph, { forms }));
  const { outputs } = await session.run(feeds);
  await session.dispose();
  const produced = Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, referenceTensor(value)]),
  );
  assertClose("outputs", produced.y!, y!, { rtol: tolerance, atol: tolerance });
  const { error, name: worst } = gradientError(produced, slopes);
  expect(error, worst).toBeLessThan(tolerance);
});
