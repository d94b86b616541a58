/**
 * @file Graphs drawn at random from the operators that have a derivative, with values that stay
 * away from kinks and grow no larger than a few units.
 */

import { constant, input, topologicalOrder, type Value } from "../../src/graph/index.ts";
import {
  abs,
  add,
  clip,
  concat,
  div,
  erf,
  exp,
  expand,
  gather,
  gemm,
  greater,
  leakyRelu,
  log,
  logSoftmax,
  matMul,
  maximum,
  minimum,
  mul,
  neg,
  type OpName,
  pad,
  pow,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  relu,
  relu6,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  sqrt,
  sub,
  tanh,
  transpose,
  where,
} from "../../src/ops/index.ts";
import { evaluateValues, type ReferenceTensor } from "../../src/runtime/reference.ts";
import { elementCount, randomStream, tensor } from "../../src/tensor/index.ts";

/** One node to be: which operator, which operands, which variant of its attributes. */
export interface Draw {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly variant: number;
}

interface Choice {
  /** @param y can be broadcast against x */
  readonly build: (x: Value, y: Value, variant: number) => Value;
  /** values that must stay away from 0, where the derivative jumps */
  readonly kinks?: (x: Value, y: Value) => readonly Value[];
  /** the derivative jumps where two elements of x are equal */
  readonly tiesMatter?: boolean;
}

const positive = (x: Value): Value => add(mul(x, x), 0.5);
const asMatrix = (x: Value): Value =>
  x.shape.length === 2 ? x : reshape(x, [elementCount(x.shape), 1]);
const asRow = (x: Value): Value => (x.shape.length === 0 ? reshape(x, [1]) : x);
const axisOf = (x: Value, variant: number): number => variant % x.shape.length;
const difference = (x: Value, y: Value): readonly Value[] => [sub(x, y)];
const itself = (x: Value): readonly Value[] => [x];
const reduced = (
  reduce: (x: Value, options: { axes: readonly number[]; keepDims: boolean }) => Value,
): Choice["build"] => {
  return (x, _, variant) => {
    const row = asRow(x);
    return reduce(row, { axes: [axisOf(row, variant)], keepDims: variant % 3 === 0 });
  };
};
const pick = constant(tensor("int32", [3], Int32Array.of(0, 0, 0)));

/** Every operator with a derivative that takes tensors of any shape, and a way to use it. */
export const choices: Readonly<Partial<Record<OpName, Choice>>> = {
  abs: { build: abs, kinks: itself },
  add: { build: add },
  clip: { build: (x) => clip(x, -1, 1), kinks: (x) => [sub(x, 1), add(x, 1)] },
  concat: {
    build: (x, _, variant) => {
      const row = asRow(x);
      return concat([row, mul(row, 0.5), row], axisOf(row, variant));
    },
  },
  div: { build: (x, y) => div(x, positive(y)) },
  erf: { build: erf },
  exp: { build: (x) => exp(mul(x, 0.3)) },
  expand: { build: (x) => expand(x, [2, ...x.shape]) },
  gather: {
    build: (x, _, variant) => {
      const row = asRow(x);
      return gather(row, pick, axisOf(row, variant)); // the same row three times
    },
  },
  gemm: {
    build: (x, _, variant) => {
      const matrix = asMatrix(x);
      const c = reduceMean(matrix);
      return variant % 2 === 0
        ? gemm(matrix, matrix, { transB: true, c })
        : gemm(matrix, matrix, { transA: true });
    },
  },
  leakyRelu: { build: (x) => leakyRelu(x, 0.1), kinks: itself },
  log: { build: (x) => log(positive(x)) },
  logSoftmax: { build: (x) => logSoftmax(asRow(x)) },
  matMul: { build: (x) => matMul(asMatrix(x), transpose(asMatrix(x))) },
  maximum: { build: maximum, kinks: difference },
  minimum: { build: minimum, kinks: difference },
  mul: { build: mul },
  neg: { build: neg },
  pad: {
    build: (x) => {
      const one = x.shape.map(() => 1);
      return pad(x, { before: one, after: x.shape.map(() => 0), value: 0.5 });
    },
  },
  pow: { build: (x) => pow(positive(x), 1.5) },
  reduceMax: { build: reduced(reduceMax), tiesMatter: true },
  reduceMean: { build: reduced(reduceMean) },
  reduceMin: { build: reduced(reduceMin), tiesMatter: true },
  reduceSum: { build: reduced(reduceSum) },
  relu: { build: relu, kinks: itself },
  relu6: { build: (x) => relu6(mul(x, 3)), kinks: (x) => [x, sub(x, 2)] },
  reshape: { build: (x) => reshape(x, [1, elementCount(x.shape)]) },
  sigmoid: { build: sigmoid },
  slice: { build: (x) => slice(asRow(x), { starts: [0], ends: [1] }) },
  softmax: { build: (x, _, variant) => softmax(asRow(x), axisOf(asRow(x), variant)) },
  softplus: { build: softplus },
  sqrt: { build: (x) => sqrt(positive(x)) },
  sub: { build: sub },
  tanh: { build: tanh },
  transpose: { build: (x) => transpose(x) },
  where: { build: (x, y) => where(greater(x, y), mul(x, 2), y), kinks: difference },
};

const builders = Object.values(choices);
/** Nothing nearer to a kink; differences step 1e-4 at most. */
const kinkDistance = 0.02;
const largest = 4;
const mostElements = 24;

export interface RandomGraph {
  readonly inputs: readonly Value[];
  readonly feeds: ReadonlyMap<Value, ReferenceTensor>;
  /** a scalar that depends on every node drawn */
  readonly loss: Value;
}

/** @returns the graph of these draws, a function of draws and seed alone */
export function randomGraph(draws: readonly Draw[], seed: number): RandomGraph {
  const { normal } = randomStream("random graph", seed);
  const inputs = [[2, 3], [3], [2, 1], []].map((shape, i) => input(`x${i}`, "float32", shape));
  const known = new Map<Value, ReferenceTensor>();
  for (const { shape, ...rest } of inputs)
    known.set(inputs.find(({ name }) => name === rest.name)!, {
      shape,
      data: Float64Array.from({ length: elementCount(shape) }, normal),
    });
  const feeds = new Map(known);
  const pool = [...inputs];
  const unused = new Set<Value>();
  for (const { op, a, b, variant } of draws) {
    const x = pool[a % pool.length]!;
    const partners = pool.filter((value) => canBroadcast(value, x));
    const y = partners[b % partners.length]!;
    const next = safely(builders[op % builders.length]!, x, y, variant, known);
    for (const value of topologicalOrder([next])) unused.delete(value);
    unused.add(next);
    pool.push(next);
  }
  const terms = [...unused].map((value, i) => mul(reduceMean(value), 1 + i / 8));
  return { inputs, feeds, loss: terms.reduce((sum, term) => add(sum, term)) };
}

/** Builds the node if its values are tame; tanh of the operand if they are not. */
function safely(
  { build, kinks, tiesMatter = false }: Choice,
  x: Value,
  y: Value,
  variant: number,
  known: Map<Value, ReferenceTensor>,
): Value {
  const wanted = build(x, y, variant);
  const candidate = elementCount(wanted.shape) <= mostElements ? wanted : tanh(x);
  const watched = kinks?.(x, y) ?? [];
  const [value, ...distances] = evaluateValues([candidate, ...watched], known);
  const tame =
    value!.data.every((element) => Math.abs(element) <= largest) &&
    distances.every(({ data }) => data.every((element) => Math.abs(element) > kinkDistance)) &&
    !(tiesMatter && hasTies(known.get(x)!.data));
  const chosen = tame ? candidate : tanh(x);
  for (const inner of topologicalOrder([chosen]))
    if (!known.has(inner)) known.set(inner, evaluateValues([inner], known)[0]!);
  return chosen;
}

function hasTies(data: Float64Array): boolean {
  const sorted = data.slice().sort();
  return sorted.some((element, i) => i > 0 && element - sorted[i - 1]! <= kinkDistance);
}

function canBroadcast(a: Value, b: Value): boolean {
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizes = Array.from({ length: rank }, (_, fromEnd) => {
    const [left, right] = [a.shape.at(-1 - fromEnd) ?? 1, b.shape.at(-1 - fromEnd) ?? 1];
    return left === right || left === 1 || right === 1 ? Math.max(left, right) : Number.NaN;
  });
  return sizes.reduce((product, size) => product * size, 1) <= mostElements; // NaN never is
}
