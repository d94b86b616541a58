/**
 * @file The table of all operators: the one list that autodiff, compilers and importers look names
 * up in.
 */

import { GraphError } from "../../errors/index.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { and } from "./and.ts";
import { argMax } from "./arg-max.ts";
import { averagePool } from "./average-pool.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { cast } from "./cast.ts";
import { clip } from "./clip.ts";
import { concat } from "./concat.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dInputGrad } from "./conv2d-input-grad.ts";
import { conv2dWeightGrad } from "./conv2d-weight-grad.ts";
import type { OpDefinition } from "./define-op.ts";
import { div } from "./div.ts";
import { equal } from "./equal.ts";
import { erf } from "./erf.ts";
import { exp } from "./exp.ts";
import { expand } from "./expand.ts";
import { fakeQuantize } from "./fake-quantize.ts";
import { gather } from "./gather.ts";
import { gatherGrad } from "./gather-grad.ts";
import { gemm } from "./gemm.ts";
import { globalAveragePool } from "./global-average-pool.ts";
import { greater } from "./greater.ts";
import { greaterOrEqual } from "./greater-or-equal.ts";
import { gruSequence } from "./gru-sequence.ts";
import { hashUniform } from "./hash-uniform.ts";
import { heaviside } from "./heaviside.ts";
import { isFiniteNumber } from "./is-finite-number.ts";
import { leakyRelu } from "./leaky-relu.ts";
import { less } from "./less.ts";
import { log } from "./log.ts";
import { logSoftmax } from "./log-softmax.ts";
import { matMul } from "./mat-mul.ts";
import { maxPool } from "./max-pool.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import { maximum } from "./maximum.ts";
import { minimum } from "./minimum.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { normalizeBatch } from "./normalize-batch.ts";
import { not } from "./not.ts";
import { oneHot } from "./one-hot.ts";
import { pad } from "./pad.ts";
import { pow } from "./pow.ts";
import { reduceMax } from "./reduce-max.ts";
import { reduceMean } from "./reduce-mean.ts";
import { reduceMin } from "./reduce-min.ts";
import { reduceSum } from "./reduce-sum.ts";
import { relu } from "./relu.ts";
import { relu6 } from "./relu6.ts";
import { reshape } from "./reshape.ts";
import { sigmoid } from "./sigmoid.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { softplus } from "./softplus.ts";
import { sqrt } from "./sqrt.ts";
import { stopGradient } from "./stop-gradient.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";
import { topKIndices } from "./top-k-indices.ts";
import { topKValues } from "./top-k-values.ts";
import { transpose } from "./transpose.ts";
import { where } from "./where.ts";

/**
 * Every operator by its name. A new one is added here, in `ops` below, and in
 * runtime/references.ts.
 */
export interface Ops {
  readonly abs: typeof abs;
  readonly add: typeof add;
  readonly and: typeof and;
  readonly argMax: typeof argMax;
  readonly averagePool: typeof averagePool;
  readonly batchNormalization: typeof batchNormalization;
  readonly cast: typeof cast;
  readonly clip: typeof clip;
  readonly concat: typeof concat;
  readonly conv2d: typeof conv2d;
  readonly conv2dInputGrad: typeof conv2dInputGrad;
  readonly conv2dWeightGrad: typeof conv2dWeightGrad;
  readonly div: typeof div;
  readonly equal: typeof equal;
  readonly erf: typeof erf;
  readonly exp: typeof exp;
  readonly expand: typeof expand;
  readonly fakeQuantize: typeof fakeQuantize;
  readonly gather: typeof gather;
  readonly gatherGrad: typeof gatherGrad;
  readonly gemm: typeof gemm;
  readonly globalAveragePool: typeof globalAveragePool;
  readonly greater: typeof greater;
  readonly greaterOrEqual: typeof greaterOrEqual;
  readonly gruSequence: typeof gruSequence;
  readonly hashUniform: typeof hashUniform;
  readonly heaviside: typeof heaviside;
  readonly isFiniteNumber: typeof isFiniteNumber;
  readonly leakyRelu: typeof leakyRelu;
  readonly less: typeof less;
  readonly log: typeof log;
  readonly logSoftmax: typeof logSoftmax;
  readonly matMul: typeof matMul;
  readonly maximum: typeof maximum;
  readonly maxPool: typeof maxPool;
  readonly maxPoolGrad: typeof maxPoolGrad;
  readonly minimum: typeof minimum;
  readonly mul: typeof mul;
  readonly neg: typeof neg;
  readonly normalizeBatch: typeof normalizeBatch;
  readonly not: typeof not;
  readonly oneHot: typeof oneHot;
  readonly pad: typeof pad;
  readonly pow: typeof pow;
  readonly reduceMax: typeof reduceMax;
  readonly reduceMean: typeof reduceMean;
  readonly reduceMin: typeof reduceMin;
  readonly reduceSum: typeof reduceSum;
  readonly relu: typeof relu;
  readonly relu6: typeof relu6;
  readonly reshape: typeof reshape;
  readonly sigmoid: typeof sigmoid;
  readonly slice: typeof slice;
  readonly softmax: typeof softmax;
  readonly softplus: typeof softplus;
  readonly sqrt: typeof sqrt;
  readonly stopGradient: typeof stopGradient;
  readonly sub: typeof sub;
  readonly tanh: typeof tanh;
  readonly topKIndices: typeof topKIndices;
  readonly topKValues: typeof topKValues;
  readonly transpose: typeof transpose;
  readonly where: typeof where;
}

export type OpName = keyof Ops;

export const ops: Ops = {
  abs,
  add,
  and,
  argMax,
  averagePool,
  batchNormalization,
  cast,
  clip,
  concat,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  div,
  equal,
  erf,
  exp,
  expand,
  fakeQuantize,
  gather,
  gatherGrad,
  gemm,
  globalAveragePool,
  greater,
  greaterOrEqual,
  gruSequence,
  hashUniform,
  heaviside,
  isFiniteNumber,
  leakyRelu,
  less,
  log,
  logSoftmax,
  matMul,
  maximum,
  maxPool,
  maxPoolGrad,
  minimum,
  mul,
  neg,
  normalizeBatch,
  not,
  oneHot,
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
  topKIndices,
  topKValues,
  transpose,
  where,
};

/** @throws GraphError "op/unknown" for a name that is not in the table */
export function definitionOf(op: string): OpDefinition {
  if (!Object.hasOwn(ops, op))
    throw new GraphError("op/unknown", {
      where: "definitionOf",
      rule: `no operator is named "${op}"`,
    });
  return ops[op as OpName].definition; // hasOwn has just checked the name
}
