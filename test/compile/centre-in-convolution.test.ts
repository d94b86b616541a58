/**
 * @file The pass that centres in the convolution: text before and after, numbers, what it leaves.
 */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { centreInConvolution, shareCommonValues } from "../../src/engine/compile/index.ts";
import {
  type Graph,
  input,
  printGraph,
  type Value,
  verifyGraph,
} from "../../src/engine/graph/index.ts";
import { batchNormTraining, conv2d, mul, reduceSum, relu } from "../../src/engine/ops/index.ts";
import { float32, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

const image = input("image", "float32", [16, 2, 4, 3]);
const kernel = input("kernel", "float32", [3, 2, 2, 2]);
const bias = input("bias", "float32", [3]);
const scale = input("scale", "float32", [3]);
const offset = input("offset", "float32", [3]);
const cotangent = input("cotangent", "float32", [16, 3, 2, 2]);
const inputs = [image, kernel, bias, scale, offset, cotangent];

function graphOf(values: Readonly<Record<string, Value>>): Graph {
  const outputs = Object.entries(values).map(([name, value]) => ({ name, value }));
  return { name: "graph", inputs, outputs };
}

/** Convolution and normalisation, the statistics, and all derivatives. */
function training(conv: Value): Graph {
  const { y, mean, variance } = batchNormTraining(conv, scale, offset);
  const loss = reduceSum(mul(relu(y), cotangent));
  const sources = [image, kernel, scale, offset];
  const slopes = gradients(loss, sources).map((d, i) => [`d${sources[i]!.name}`, d!] as const);
  return shareCommonValues(graphOf({ y, mean, variance, ...Object.fromEntries(slopes) }));
}

const strides = [2, 1] as const;
const plain = training(conv2d(image, kernel, { strides }));
const biased = training(conv2d(image, kernel, { strides, bias }));
const forward = { ...biased, outputs: biased.outputs.filter(({ name }) => !name.startsWith("d")) };

function feedsOf(shift: number): Record<string, Tensor> {
  const feeds = inputs.map(({ name, shape }, i) => [name, uniform(shape, -1, 1, i)] as const);
  const moved = uniform(image.shape, -1, 1, 0).data as Float32Array; // uniform's dtype
  return {
    ...Object.fromEntries(feeds),
    image: float32(
      image.shape,
      moved.map((n) => n + shift),
    ),
  };
}

describe("centreInConvolution", () => {
  it("takes the mean of a convolution at a batch of 1, and gives it to the convolution", () => {
    const { y, mean } = batchNormTraining(conv2d(image, kernel), scale, offset);
    const graph = { ...graphOf({ y, mean }), inputs: [image, kernel, scale, offset] };
    expect(
      printGraph(graph),
    ).toBe(`graph(image: float32[16, 2, 4, 3], kernel: float32[3, 2, 2, 2], scale: float32[3], offset: float32[3]) → y, mean
  %0 = conv2d(image, kernel, kernel=[2, 2], strides=[1, 1], dilations=[1, 1], padding=[0, 0, 0, 0], groups=1) : float32[16, 3, 3, 2]
  %1 = reduceMean(%0, axes=[0, 2, 3], keepDims=false) : float32[3]
  %2 = reshape(%1, shape=[1, 3, 1, 1]) : float32[1, 3, 1, 1]
  %3 = sub(%0, %2) : float32[16, 3, 3, 2]
  %4 = mul(%3, %3) : float32[16, 3, 3, 2]
  %5 = reduceMean(%4, axes=[0, 2, 3], keepDims=false) : float32[3]
  %6 = normalizeBatch(%0, scale, offset, %1, %5, epsilon=0.00001) : float32[16, 3, 3, 2]
  y = %6
  mean = %1
`);
    const after = centreInConvolution(graph);
    verifyGraph(after);
    expect(
      printGraph(after),
    ).toBe(`graph(image: float32[16, 2, 4, 3], kernel: float32[3, 2, 2, 2], scale: float32[3], offset: float32[3]) → y, mean
  %0 = reduceMean(image, axes=[0], keepDims=true) : float32[1, 2, 4, 3]
  %1 = conv2d(%0, kernel, kernel=[2, 2], strides=[1, 1], dilations=[1, 1], padding=[0, 0, 0, 0], groups=1) : float32[1, 3, 3, 2]
  %2 = reduceMean(%1, axes=[0, 2, 3], keepDims=false) : float32[3]
  %3 = neg(%2) : float32[3]
  %4 = conv2d(image, kernel, %3, kernel=[2, 2], strides=[1, 1], dilations=[1, 1], padding=[0, 0, 0, 0], groups=1) : float32[16, 3, 3, 2]
  %5 = constant(value=float32[3]{0, 0, 0}) : float32[3]
  %6 = mul(%4, %4) : float32[16, 3, 3, 2]
  %7 = reduceMean(%6, axes=[0, 2, 3], keepDims=false) : float32[3]
  %8 = normalizeBatch(%4, scale, offset, %5, %7, epsilon=0.00001) : float32[16, 3, 3, 2]
  y = %8
  mean = %2
`);
  });

  it.each([
    ["no bias", plain, 0],
    ["a bias", biased, 0],
    ["means ten times the deviation", biased, 10],
    ["means a thousand times the deviation, without derivatives", forward, 1000],
  ] as const)("computes the same in float64 and in ONNX Runtime: %s", async (_, graph, shift) => {
    const feeds = feedsOf(shift);
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)]),
    );
    const after = centreInConvolution(graph);
    expect(printGraph(after)).not.toBe(printGraph(graph));
    const expected = evaluateReference(graph, fed);
    const same = evaluateReference(after, fed);
    const produced = await runGraph(after, feeds);
    // Centring takes from the digits what mean / deviation is; a kernel's derivative is a sum of
    // uncentred numbers times others that sum to 0, and loses them once more.
    const lost = Math.max(1, shift);
    const double = { rtol: 1e-12 * lost, atol: 1e-12 * lost };
    const single = { rtol: 2e-6 * lost, atol: 1e-5 * lost };
    for (const [name, value] of Object.entries(expected)) {
      assertClose(name, same[name]!, value, double);
      assertClose(name, referenceTensor(produced[name]!), value, single);
    }
  });

  const conv = conv2d(image, kernel);
  const { y } = batchNormTraining(conv, scale, offset);
  const few = input("image", "float32", [2, 2, 4, 3]);
  const wide = input("image", "float32", [16, 16, 2, 2]);
  const manyToFew = conv2d(wide, input("kernel", "float32", [3, 16, 1, 1]));
  it.each([
    ["a convolution that is read by something else", { y, other: relu(conv) }],
    ["a convolution that is an output", { y, conv }],
    ["a small batch", { y: batchNormTraining(conv2d(few, kernel), scale, offset).y }],
    [
      "an operand much larger than the result",
      { y: batchNormTraining(manyToFew, scale, offset).y },
    ],
    ["what no convolution made", { y: batchNormTraining(relu(conv), scale, offset).y }],
  ] as const)("leaves alone %s", (_, outputs) => {
    const graph = graphOf(outputs);
    expect(printGraph(centreInConvolution(graph))).toBe(printGraph(graph));
  });
});
