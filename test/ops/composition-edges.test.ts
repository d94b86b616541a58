/**
 * @file Compositions at their edges, in ONNX Runtime: axes of size 0 and 1, and numbers beyond
 * where naive formulas overflow. Value and gradients are held against the float64 reference.
 */

import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import {
  scaledDotProductAttention as attention,
  batchNormTraining,
  conv1d,
  convTranspose2d,
  gelu,
  groupNormalization,
  gru,
  hardSigmoid,
  hardSwish,
  layerNormalization,
  logMel,
  mul,
  powerSpectrogram,
  reduceSum,
  silu,
} from "../../src/engine/ops/index.ts";
import { float32, isFloat, type Shape, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

type Build = (...operands: Value[]) => Value;

/** The value, and the gradients of Σ value² for all operands that it depends on. */
function graphOf(operands: readonly Tensor[], build: Build): Graph {
  const inputs = operands.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape));
  const value = build(...inputs);
  const loss = reduceSum(mul(value, value));
  const order = topologicalOrder([loss]);
  const used = inputs.filter((each) => isFloat(each.dtype) && order.includes(each));
  const derived = gradients(loss, used).map((gradient, i) => ({
    name: `d ${used[i]!.name}`,
    value: gradient,
  }));
  return { name: "edge", inputs, outputs: [{ name: "value", value }, ...derived] };
}

interface Results {
  readonly produced: Readonly<Record<string, Tensor>>;
  readonly expected: ReturnType<typeof evaluateReference>;
}

async function results(operands: readonly Tensor[], build: Build): Promise<Results> {
  const graph = graphOf(operands, build);
  const feeds = Object.fromEntries(operands.map((value, i) => [`x${i}`, value]));
  const fed = Object.fromEntries(
    Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)]),
  );
  const order = topologicalOrder(graph.outputs.map(({ value }) => value));
  const inputs = graph.inputs.filter((each) => order.includes(each));
  const used = Object.fromEntries(inputs.map(({ name }) => [name, feeds[name]!]));
  const produced = await runGraph({ ...graph, inputs }, used);
  for (const { name, value } of graph.outputs)
    expect([name, ...produced[name]!.shape]).toEqual([name, ...value.shape]);
  return { produced, expected: evaluateReference(graph, fed) };
}

/** Some dozens of float32 operations, on numbers near 1. */
const tolerance = { rtol: 1e-5, atol: 1e-5 };

async function compare(operands: readonly Tensor[], build: Build): Promise<void> {
  const { produced, expected } = await results(operands, build);
  for (const [name, value] of Object.entries(expected))
    assertClose(name, referenceTensor(produced[name]!), value, tolerance);
}

const randoms = (...shapes: readonly Shape[]): readonly Tensor[] =>
  shapes.map((shape, i) => uniform(shape, -1, 1, i));

const gate = (units: number): readonly Shape[] => [[2, units], [units, units], [units]];

const firstState: Build = (x, ...weights) => {
  const [reset, update, candidate] = [0, 3, 6].map((at) => {
    const [kernel, recurrentKernel, bias] = weights.slice(at, at + 3);
    return { kernel: kernel!, recurrentKernel: recurrentKernel!, bias: bias! };
  });
  return gru([x!, x!], { reset: reset!, update: update!, candidate: candidate! })[1]!;
};

const elementwise: Readonly<Record<string, Build>> = {
  gelu: (x) => gelu(x!),
  "gelu, tanh": (x) => gelu(x!, { form: "tanh" }),
  silu: (x) => silu(x!),
  hardSigmoid: (x) => hardSigmoid(x!),
  hardSwish: (x) => hardSwish(x!),
};

it.each(
  Object.entries(elementwise).flatMap(([name, build]) =>
    [[0], [2, 0, 3], [1], []].map((shape) => [name, shape, build] as const),
  ),
)("%s of shape %j", async (_, shape, build) => compare(randoms(shape), build));

const frames = { frameLength: 16, hop: 5, fftSize: 16 };
const attend: Build = (q, k, v) => attention(q!, k!, v!);
const vectors: readonly Shape[] = [[1], [1]];

it.each<[name: string, operands: readonly Tensor[], build: Build]>([
  ["attention, no sample", randoms([0, 2, 3], [0, 2, 3], [0, 2, 3]), attend],
  ["attention, no query", randoms([2, 0, 3], [2, 3, 3], [2, 3, 3]), attend],
  ["attention, no key", randoms([2, 3, 3], [2, 0, 3], [2, 0, 3]), attend],
  [
    "attention, one place and width 1",
    randoms([1, 1, 1], [1, 1, 1], [1, 1, 1]),
    (q, k, v) => attention(q!, k!, v!, { causal: true }),
  ],
  ["gru, no sample", randoms([0, 2], ...gate(3), ...gate(3), ...gate(3)), firstState],
  ["gru, one unit", randoms([1, 2], ...gate(1), ...gate(1), ...gate(1)), firstState],
  [
    "groupNormalization of one element",
    randoms([1, 1], ...vectors),
    (x, s, b) => groupNormalization(x!, s!, b!, { groups: 1 }),
  ],
  [
    "layerNormalization of one element",
    randoms([2, 1], ...vectors),
    (x, s, b) => layerNormalization(x!, s!, b!),
  ],
  [
    "batchNormTraining, one channel",
    randoms([2, 1], ...vectors),
    (x, s, b) => batchNormTraining(x!, s!, b!).y,
  ],
  ["conv1d of one element", randoms([1, 1, 1], [1, 1, 1]), (x, k) => conv1d(x!, k!)],
  [
    "convTranspose2d of one element",
    randoms([1, 1, 1, 1], [1, 1, 1, 1]),
    (x, k) => convTranspose2d(x!, k!),
  ],
  [
    "powerSpectrogram of one sample",
    randoms([1, 1]),
    (x) => powerSpectrogram(x!, { frameLength: 1, hop: 1, fftSize: 2, window: "none" }),
  ],
  [
    "logMel, one frame and one filter",
    randoms([1, 16]),
    (x) => logMel(x!, { ...frames, sampleRate: 8000, mels: 1 }),
  ],
])("%s", async (_, operands, build) => compare(operands, build));

it.each<[name: string, build: () => unknown, code: string]>([
  [
    "conv1d",
    () => conv1d(input("x", "float32", [0, 2, 5]), input("k", "float32", [3, 2, 2])),
    "shape/empty",
  ],
  [
    "convTranspose2d",
    () => convTranspose2d(input("x", "float32", [0, 2, 3, 3]), input("k", "float32", [2, 1, 2, 2])),
    "shape/empty",
  ],
  [
    "powerSpectrogram",
    () => powerSpectrogram(input("x", "float32", [0, 30]), frames),
    "shape/empty",
  ],
  [
    "logMel",
    () => logMel(input("x", "float32", [0, 30]), { ...frames, sampleRate: 8000, mels: 2 }),
    "shape/empty",
  ],
])("%s refuses a batch of none by name", (_, build, code) => {
  expect(build).toThrow(expect.objectContaining({ code }));
});

it.each([30, 1e4, 1e18])("attention whose logits reach ±%d stays finite", async (size) => {
  // Each query matches one key far better than the others: its answer is that key's value.
  const query = float32([3, 2], [size, 0, 0, size, -size, -size]);
  const key = float32([3, 2], [1, 0, 0, 1, -1, -1]);
  const value = float32([3, 1], [1, 2, 3]);
  for (const causal of [false, true]) {
    const { produced, expected } = await results([query, key, value], (q, k, v) =>
      attention(q!, k!, v!, { causal }),
    );
    for (const [name, wanted] of Object.entries(expected)) {
      const numbers = produced[name]!.data as Float32Array; // the gradient of a float32
      expect(numbers.every((each) => Number.isFinite(each))).toBe(true);
      // a weight of e^−21 beside 1 is taken into products with logits of 30
      const atol = name === "d x1" ? 1e-5 : 1e-6;
      assertClose(name, referenceTensor(produced[name]!), wanted, { rtol: 1e-6, atol });
    }
    const values = produced.value!.data as Float32Array; // of float32 operands
    expect([...values].map(Math.round)).toEqual([1, 2, 3]);
  }
});
