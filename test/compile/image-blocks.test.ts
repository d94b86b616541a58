/**
 * @file Images stay in the runtime's blocks from operator to operator: what is computed is the
 * same, and they are reordered only where an operator has no form for blocks.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { compileGraph, trainingForms } from "../../src/engine/compile/index.ts";
import { constant, type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { type OnnxNode, readOnnx } from "../../src/engine/onnx/index.ts";
import {
  add,
  averagePool,
  batchNormalization,
  batchNormTraining,
  conv2d,
  globalAveragePool,
  heaviside,
  maxPool,
  mul,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  sub,
} from "../../src/engine/ops/index.ts";
import type { PoolOptions } from "../../src/engine/ops/pool-rule.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { uniform } from "../support/op-cases.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const image = input("image", "float32", [16, 16, 6, 5]);
const depthwise = input("depthwise", "float32", [16, 1, 3, 3]);
const pointwise = input("pointwise", "float32", [16, 16, 1, 1]);
const scale = input("scale", "float32", [16]);
const offset = input("offset", "float32", [16]);
const other = input("other", "float32", [16, 16, 6, 5]);
const inputs = [image, depthwise, pointwise, scale, offset, other];

function graphOf(values: Readonly<Record<string, Value>>): Graph {
  const outputs = Object.entries(values).map(([name, value]) => ({ name, value }));
  return { name: "graph", inputs, outputs };
}

/** The nodes for a block of 16, whatever the machine. */
function nodesOf(graph: Graph): readonly OnnxNode[] {
  return readOnnx(compileGraph(graph, { forms: trainingForms(16) }), "test").graph.nodes;
}

/** How many nodes of each type, of those that matter here. */
function counts(graph: Graph): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { type } of nodesOf(graph))
    if (/Reorder|Relu|BatchNorm|^Add$|Mul$/.test(type)) found[type] = (found[type] ?? 0) + 1;
  return found;
}

/** Runs the graph with the machine's blocks, against float64. */
async function assertSame(graph: Graph): Promise<void> {
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape }, i) => [name, uniform(shape, -1, 1, i)]),
  );
  const fed = Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)]);
  const expected = evaluateReference(graph, Object.fromEntries(fed));
  const forms = trainingForms(runtime.convolutionBlock);
  const session = await runtime.load(compileGraph(graph, { forms }));
  const { outputs } = await session.run(feeds);
  await session.dispose();
  // sums of up to 480 float32 numbers of size 1
  for (const [name, value] of Object.entries(expected))
    assertClose(name, referenceTensor(outputs[name]!), value, { rtol: 2e-5, atol: 1e-4 });
}

const conv = conv2d(image, depthwise, { groups: 16, padding: "same" });

/** A depthwise-separable block with a residual branch, its statistics, and all derivatives. */
function separableBlock(): Graph {
  const first = batchNormTraining(conv, scale, offset);
  const second = batchNormTraining(conv2d(relu(first.y), pointwise), scale, offset);
  const y = relu(add(second.y, conv2d(image, pointwise)));
  const pooled = reshape(globalAveragePool(y), [16, 16]);
  const loss = reduceSum(mul(pooled, pooled));
  const sources = [image, depthwise, pointwise, scale, offset];
  const slopes = gradients(loss, sources).map((d, i) => [`d${sources[i]!.name}`, d!] as const);
  const { mean, unbiasedVariance } = second;
  return graphOf({ y, mean, unbiasedVariance, ...Object.fromEntries(slopes) });
}

/** The derivative of the square of a pooled convolution, down to the convolution's image. */
function poolDerivative(options: PoolOptions): Graph {
  const y = conv2d(maxPool(relu(conv), options), pointwise);
  return graphOf({ dimage: gradients(reduceSum(mul(y, y)), [image])[0]! });
}

describe("images in blocks", () => {
  it("a depthwise-separable block and its derivatives are the same", async () => {
    await assertSame(separableBlock());
  });

  it("it is reordered at its ends and for the pointwise weights' derivatives", () => {
    // In: the image, its mean over the batch, the pool's derivative. Out: y, the image's
    // derivative, relu and the two cotangents for the pointwise kernels.
    const { ReorderInput, ReorderOutput, Relu, BatchNormalization } = counts(separableBlock());
    expect([ReorderInput, ReorderOutput]).toEqual([3, 5]);
    expect([Relu, BatchNormalization]).toEqual([undefined, undefined]); // convolutions do both
  });

  it.each([
    ["relu", graphOf({ y: relu(conv) }), { ReorderInput: 1, ReorderOutput: 1 }],
    ["a sum", graphOf({ y: add(other, conv) }), { ReorderInput: 1, ReorderOutput: 1, Add: 1 }],
    [
      "a sum and relu",
      graphOf({ y: relu(add(conv, other)) }),
      { ReorderInput: 1, ReorderOutput: 1, Add: 1, Relu: 1 },
    ],
    [
      "a sum of two convolutions",
      graphOf({ y: add(conv, conv2d(image, pointwise)) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "relu of what is needed itself",
      graphOf({ y: relu(conv), conv }),
      { ReorderInput: 1, ReorderOutput: 2, Relu: 1 },
    ],
    [
      "a sum with itself",
      graphOf({ y: add(conv, conv) }),
      { ReorderInput: 1, ReorderOutput: 1, Add: 1 },
    ],
    [
      "a number",
      graphOf({ y: relu(add(conv, 0.5)) }),
      { ReorderInput: 1, ReorderOutput: 1, Add: 1, Relu: 1 },
    ],
    [
      "a number a channel",
      graphOf({ y: mul(reshape(scale, [1, 16, 1, 1]), conv) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "a number an image",
      graphOf({ y: mul(conv, reduceMean(conv, { axes: [1, 2, 3], keepDims: true })) }),
      { ReorderInput: 1, ReorderOutput: 1, Mul: 1 },
    ],
    [
      "normalisation",
      graphOf({ y: batchNormalization(conv, scale, offset, scale, mul(offset, offset)) }),
      { ReorderInput: 1, ReorderOutput: 1, Add: 1, Mul: 2 },
    ],
    [
      "subtraction",
      graphOf({ y: sub(other, sigmoid(conv)) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    ["sums", graphOf({ y: reduceSum(conv, { axes: [0, 2, 3] }) }), { ReorderInput: 1, Mul: 1 }],
    ["sums over all", graphOf({ y: reduceSum(conv) }), { ReorderInput: 1, ReorderOutput: 1 }],
    ["means", graphOf({ y: reduceMean(conv, { axes: [0, 2, 3] }) }), { ReorderInput: 1 }],
    [
      "means that keep axes",
      graphOf({ y: reduceMean(conv, { axes: [0, 2, 3], keepDims: true }) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "means over the batch",
      graphOf({ y: reduceMean(conv, { axes: [0], keepDims: true }) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "sums of products",
      graphOf({ y: reduceSum(mul(conv, sigmoid(conv)), { axes: [0, 2, 3] }) }),
      { ReorderInput: 1 },
    ],
    [
      "means of squares",
      graphOf({ y: reduceMean(mul(conv, conv), { axes: [0, 2, 3] }) }),
      { ReorderInput: 1 },
    ],
    [
      "sums of a product that is needed itself",
      graphOf({ p: mul(conv, conv), y: reduceSum(mul(conv, conv), { axes: [0, 2, 3] }) }),
      { ReorderInput: 1, ReorderOutput: 1, Mul: 2 },
    ],
    [
      "sums of multiples",
      graphOf({ y: reduceSum(mul(conv, 3), { axes: [0, 2, 3] }) }),
      { ReorderInput: 1, Mul: 2 },
    ],
    [
      "max pooling",
      graphOf({ y: maxPool(relu(conv), { kernel: [2, 2] }) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "max pooling between convolutions",
      graphOf({ y: conv2d(maxPool(relu(conv), { kernel: [2, 2] }), pointwise) }),
      { ReorderInput: 1, ReorderOutput: 1 },
    ],
    [
      "the derivative of max pooling",
      poolDerivative({ kernel: [2, 2] }), // in: the image, and ones
      { ReorderInput: 2, ReorderOutput: 1, Mul: 5, Add: 1 },
    ],
    [
      "the derivative of max pooling, windows that are not square",
      poolDerivative({ kernel: [3, 2] }),
      { ReorderInput: 2, ReorderOutput: 1, Mul: 7, Add: 1 },
    ],
    [
      "the derivative of max pooling, windows that overlap",
      poolDerivative({ kernel: [3, 2], strides: [2, 1], padding: "same" }),
      { ReorderInput: 3, ReorderOutput: 3, Mul: 2, Add: 1 },
    ],
    [
      "a pool beside",
      graphOf({ y: averagePool(mul(conv, other), { kernel: [2, 2] }) }),
      { ReorderInput: 1, ReorderOutput: 1, Mul: 1 },
    ],
    [
      "a pool between",
      graphOf({ y: conv2d(averagePool(relu(conv), { kernel: [2, 2] }), pointwise) }),
      { ReorderInput: 2, ReorderOutput: 2 },
    ],
  ] as const)("%s", async (_, graph, expected) => {
    expect(counts(graph)).toEqual(expected);
    await assertSame(graph);
  });

  it("operators whose form is named stay as they are, and layouts are told apart", () => {
    const graph = graphOf({ y: relu(conv) });
    const typesOf = (forms: Readonly<Record<string, string>>): readonly string[] =>
      readOnnx(compileGraph(graph, { forms }), "test").graph.nodes.map(({ type }) => type);
    const types = typesOf({ ...trainingForms(16), conv2d: "operator" });
    expect(types).toEqual(["Conv", "Relu", "Identity"]);
    expect(() => typesOf({ layout: "blocked-4" })).toThrow(/unknown layout "blocked-4"/);
  });

  it("the first of equal maxima takes the gradient", async () => {
    // zeros and ones, through a convolution that leaves them as they are: every window has ties
    const identity = constant({
      dtype: "float32",
      shape: [16, 16, 1, 1],
      data: Float32Array.from({ length: 256 }, (_, at) => (at % 17 === 0 ? 1 : 0)),
    });
    const signs = conv2d(heaviside(image), identity);
    const pooled = maxPool(signs, { kernel: [2, 2] });
    const weights = reduceMean(mul(other, other), { axes: [2, 3], keepDims: true });
    const loss = reduceSum(mul(conv2d(pooled, pointwise), weights));
    const graph = graphOf({ y: mul(gradients(loss, [signs])[0]!, other) });
    expect(counts(graph).ReorderOutput).toBe(1);
    await assertSame(graph);
  });
});
