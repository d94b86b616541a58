/** @file The table of all operators: the one list that autodiff, compilers and importers look names up in. */

import { GraphError } from "../errors/index.ts";
import type { OpDefinition } from "./define-op.ts";
import { add } from "./add.ts";
import { averagePool } from "./average-pool.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { cast } from "./cast.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dInputGrad } from "./conv2d-input-grad.ts";
import { conv2dWeightGrad } from "./conv2d-weight-grad.ts";
import { div } from "./div.ts";
import { equal } from "./equal.ts";
import { exp } from "./exp.ts";
import { expand } from "./expand.ts";
import { gemm } from "./gemm.ts";
import { globalAveragePool } from "./global-average-pool.ts";
import { greater } from "./greater.ts";
import { less } from "./less.ts";
import { log } from "./log.ts";
import { logSoftmax } from "./log-softmax.ts";
import { matMul } from "./mat-mul.ts";
import { maxPool } from "./max-pool.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reduceMax } from "./reduce-max.ts";
import { reduceMean } from "./reduce-mean.ts";
import { reduceSum } from "./reduce-sum.ts";
import { relu } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { softmax } from "./softmax.ts";
import { stopGradient } from "./stop-gradient.ts";
import { sub } from "./sub.ts";
import { transpose } from "./transpose.ts";
import { where } from "./where.ts";

/** Every operator by its name. A new one is added here, in `ops` below, and in runtime/references.ts. */
export interface Ops {
  readonly add: typeof add;
  readonly averagePool: typeof averagePool;
  readonly batchNormalization: typeof batchNormalization;
  readonly cast: typeof cast;
  readonly conv2d: typeof conv2d;
  readonly conv2dInputGrad: typeof conv2dInputGrad;
  readonly conv2dWeightGrad: typeof conv2dWeightGrad;
  readonly div: typeof div;
  readonly equal: typeof equal;
  readonly exp: typeof exp;
  readonly expand: typeof expand;
  readonly gemm: typeof gemm;
  readonly globalAveragePool: typeof globalAveragePool;
  readonly greater: typeof greater;
  readonly less: typeof less;
  readonly log: typeof log;
  readonly logSoftmax: typeof logSoftmax;
  readonly matMul: typeof matMul;
  readonly maxPool: typeof maxPool;
  readonly maxPoolGrad: typeof maxPoolGrad;
  readonly mul: typeof mul;
  readonly neg: typeof neg;
  readonly reduceMax: typeof reduceMax;
  readonly reduceMean: typeof reduceMean;
  readonly reduceSum: typeof reduceSum;
  readonly relu: typeof relu;
  readonly reshape: typeof reshape;
  readonly softmax: typeof softmax;
  readonly stopGradient: typeof stopGradient;
  readonly sub: typeof sub;
  readonly transpose: typeof transpose;
  readonly where: typeof where;
}

export type OpName = keyof Ops;

export const ops: Ops = {
  add,
  averagePool,
  batchNormalization,
  cast,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  div,
  equal,
  exp,
  expand,
  gemm,
  globalAveragePool,
  greater,
  less,
  log,
  logSoftmax,
  matMul,
  maxPool,
  maxPoolGrad,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  softmax,
  stopGradient,
  sub,
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
