/** @file The float64 reference of every operator. A new operator does not compile until it has one. */

import type { OpName } from "../ops/index.ts";
import { addReference } from "../ops/add.reference.ts";
import { averagePoolReference } from "../ops/average-pool.reference.ts";
import { batchNormalizationReference } from "../ops/batch-normalization.reference.ts";
import { castReference } from "../ops/cast.reference.ts";
import { conv2dInputGradReference } from "../ops/conv2d-input-grad.reference.ts";
import { conv2dReference } from "../ops/conv2d.reference.ts";
import { conv2dWeightGradReference } from "../ops/conv2d-weight-grad.reference.ts";
import { divReference } from "../ops/div.reference.ts";
import { equalReference } from "../ops/equal.reference.ts";
import { expandReference } from "../ops/expand.reference.ts";
import { expReference } from "../ops/exp.reference.ts";
import { gemmReference } from "../ops/gemm.reference.ts";
import { globalAveragePoolReference } from "../ops/global-average-pool.reference.ts";
import { greaterReference } from "../ops/greater.reference.ts";
import { lessReference } from "../ops/less.reference.ts";
import { logReference } from "../ops/log.reference.ts";
import { logSoftmaxReference } from "../ops/log-softmax.reference.ts";
import { matMulReference } from "../ops/mat-mul.reference.ts";
import { maxPoolGradReference } from "../ops/max-pool-grad.reference.ts";
import { maxPoolReference } from "../ops/max-pool.reference.ts";
import { mulReference } from "../ops/mul.reference.ts";
import { negReference } from "../ops/neg.reference.ts";
import { reduceMaxReference } from "../ops/reduce-max.reference.ts";
import { reduceMeanReference } from "../ops/reduce-mean.reference.ts";
import { reduceSumReference } from "../ops/reduce-sum.reference.ts";
import { reluReference } from "../ops/relu.reference.ts";
import { reshapeReference } from "../ops/reshape.reference.ts";
import { softmaxReference } from "../ops/softmax.reference.ts";
import { stopGradientReference } from "../ops/stop-gradient.reference.ts";
import { subReference } from "../ops/sub.reference.ts";
import { transposeReference } from "../ops/transpose.reference.ts";
import { whereReference } from "../ops/where.reference.ts";
import type { Reference } from "../ops/reference.ts";

export const references: Readonly<Record<OpName, Reference>> = {
  add: addReference,
  averagePool: averagePoolReference,
  batchNormalization: batchNormalizationReference,
  cast: castReference,
  conv2d: conv2dReference,
  conv2dInputGrad: conv2dInputGradReference,
  conv2dWeightGrad: conv2dWeightGradReference,
  div: divReference,
  equal: equalReference,
  exp: expReference,
  expand: expandReference,
  gemm: gemmReference,
  globalAveragePool: globalAveragePoolReference,
  greater: greaterReference,
  less: lessReference,
  log: logReference,
  logSoftmax: logSoftmaxReference,
  matMul: matMulReference,
  maxPool: maxPoolReference,
  maxPoolGrad: maxPoolGradReference,
  mul: mulReference,
  neg: negReference,
  reduceMax: reduceMaxReference,
  reduceMean: reduceMeanReference,
  reduceSum: reduceSumReference,
  relu: reluReference,
  reshape: reshapeReference,
  softmax: softmaxReference,
  stopGradient: stopGradientReference,
  sub: subReference,
  transpose: transposeReference,
  where: whereReference,
};
