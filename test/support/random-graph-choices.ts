/**
 * @file Every operator that has a derivative, and a way to use it on a tensor of any shape: what
 * random graphs are drawn from.
 */

import { constant, type Value } from "../../src/engine/graph/index.ts";
import {
  abs,
  add,
  averagePool,
  batchNormalization,
  batchNormTraining,
  cast,
  clip,
  concat,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  div,
  erf,
  exp,
  expand,
  fakeQuantize,
  gather,
  gatherGrad,
  gemm,
  globalAveragePool,
  greater,
  leakyRelu,
  log,
  logSoftmax,
  matMul,
  maximum,
  maxPool,
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
  stopGradient,
  sub,
  tanh,
  transpose,
  where,
} from "../../src/engine/ops/index.ts";
import { elementCount, float32, tensor } from "../../src/engine/tensor/index.ts";

/** One way to use an operator. */
export interface Choice {
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
/** Gradients of two rows and two columns at once: each row of x where one of these says. */
const places = (x: Value): Value =>
  constant(
    tensor(
      "int32",
      [x.shape[0]!],
      Int32Array.from({ length: x.shape[0]! }, (_, i) => i % 2),
    ),
  );

/** [1, 1, rows, columns] with all of x's elements. */
const asImage = (x: Value): Value => {
  const count = elementCount(x.shape);
  const rows = [3, 2, 1].find((size) => count % size === 0)!; // 1 divides
  return reshape(x, [1, 1, rows, count / rows]);
};
/** Kernels [2, 1, 2, 2] that move with y. */
const pattern = constant(float32([2, 1, 2, 2], [0.5, -0.3, 0.2, 0.7, -0.6, 0.4, 0.1, -0.2]));
const kernelsOf = (y: Value): Value => mul(pattern, add(reduceMean(y), 0.3));
/** [2] numbers that move with y. */
const pairOf = (y: Value): Value =>
  mul(constant(float32([2], [0.6, 0.9])), positive(reduceMean(y)));
/** x twice: [2, 2, elements]. */
const twoChannels = (x: Value): Value => {
  const flat = reshape(x, [1, 1, elementCount(x.shape)]);
  const channels = concat([flat, mul(flat, 0.5)], 1);
  return concat([channels, tanh(channels)], 0);
};
const same = { padding: "same" } as const;

/** Every operator with a derivative, and a way to use it. */
export const choices: Readonly<Partial<Record<OpName, Choice>>> = {
  abs: { build: abs, kinks: itself },
  add: { build: add },
  averagePool: { build: (x) => averagePool(asImage(x), { kernel: [1, 2], strides: 1, ...same }) },
  batchNormalization: {
    build: (x, y) => {
      const statistics = pairOf(y);
      return batchNormalization(
        twoChannels(x),
        statistics,
        neg(statistics),
        statistics,
        positive(statistics),
      );
    },
  },
  cast: { build: (x) => cast(cast(x, "float64"), "float32") },
  clip: { build: (x) => clip(x, -1, 1), kinks: (x) => [sub(x, 1), add(x, 1)] },
  concat: {
    build: (x, _, variant) => {
      const row = asRow(x);
      return concat([row, mul(row, 0.5), row], axisOf(row, variant));
    },
  },
  conv2d: { build: (x, y) => conv2d(asImage(x), kernelsOf(y), { ...same, bias: pairOf(x) }) },
  conv2dInputGrad: {
    build: (x, y) => {
      const image = asImage(x);
      const [, , height, width] = image.shape;
      return conv2dInputGrad(
        concat([image, tanh(image)], 1),
        kernelsOf(y),
        [height!, width!],
        same,
      );
    },
  },
  conv2dWeightGrad: {
    build: (x, y, variant) => {
      const image = asImage(x);
      const slopes = variant % 2 === 0 ? image : mul(image, reduceMean(y));
      return conv2dWeightGrad(image, slopes, [2, 2], same);
    },
  },
  div: { build: (x, y) => div(x, positive(y)) },
  erf: { build: erf },
  exp: { build: (x) => exp(mul(x, 0.3)) },
  expand: { build: (x) => expand(x, [2, ...x.shape]) },
  fakeQuantize: {
    build: (x, y) => fakeQuantize(x, mul(positive(reduceMean(y)), 0.25), 1, { min: -4, max: 3 }),
  },
  gather: {
    build: (x, _, variant) => {
      const row = asRow(x);
      return gather(row, pick, axisOf(row, variant)); // the same row three times
    },
  },
  gatherGrad: {
    build: (x) => gatherGrad(asRow(x), places(asRow(x)), { axis: 0, size: 3 }), // row 2 stays 0
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
  globalAveragePool: { build: (x) => globalAveragePool(asImage(x)) },
  leakyRelu: { build: (x) => leakyRelu(x, 0.1), kinks: itself },
  log: { build: (x) => log(positive(x)) },
  logSoftmax: { build: (x) => logSoftmax(asRow(x)) },
  matMul: { build: (x) => matMul(asMatrix(x), transpose(asMatrix(x))) },
  maximum: { build: maximum, kinks: difference },
  maxPool: {
    build: (x) => maxPool(asImage(x), { kernel: [1, 2], strides: 1, ...same }),
    tiesMatter: true,
  },
  minimum: { build: minimum, kinks: difference },
  mul: { build: mul },
  neg: { build: neg },
  normalizeBatch: {
    build: (x, y) =>
      batchNormTraining(twoChannels(x), pairOf(y), neg(pairOf(y)), { epsilon: 0.25 }).y,
  },
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
  stopGradient: { build: (x, y) => add(x, mul(stopGradient(y), y)) },
  sub: { build: sub },
  tanh: { build: tanh },
  transpose: { build: (x) => transpose(x) },
  where: { build: (x, y) => where(greater(x, y), mul(x, 2), y), kinks: difference },
};
