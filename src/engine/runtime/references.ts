/**
 * @file The float64 reference of every operator. A new operator does not compile until it has one.
 */

import { absReference } from "../ops/abs.reference.ts";
import { addReference } from "../ops/add.reference.ts";
import { andReference } from "../ops/and.reference.ts";
import { argMaxReference } from "../ops/arg-max.reference.ts";
import { averagePoolReference } from "../ops/average-pool.reference.ts";
import { batchNormalizationReference } from "../ops/batch-normalization.reference.ts";
import { castReference } from "../ops/cast.reference.ts";
import { clipReference } from "../ops/clip.reference.ts";
import { concatReference } from "../ops/concat.reference.ts";
import { conv2dReference } from "../ops/conv2d.reference.ts";
import { conv2dInputGradReference } from "../ops/conv2d-input-grad.reference.ts";
import { conv2dWeightGradReference } from "../ops/conv2d-weight-grad.reference.ts";
import { divReference } from "../ops/div.reference.ts";
import { equalReference } from "../ops/equal.reference.ts";
import { erfReference } from "../ops/erf.reference.ts";
import { expReference } from "../ops/exp.reference.ts";
import { expandReference } from "../ops/expand.reference.ts";
import { fakeQuantizeReference } from "../ops/fake-quantize.reference.ts";
import { gatherReference } from "../ops/gather.reference.ts";
import { gatherGradReference } from "../ops/gather-grad.reference.ts";
import { gemmReference } from "../ops/gemm.reference.ts";
import { globalAveragePoolReference } from "../ops/global-average-pool.reference.ts";
import { greaterReference } from "../ops/greater.reference.ts";
import { greaterOrEqualReference } from "../ops/greater-or-equal.reference.ts";
import { gruSequenceReference } from "../ops/gru-sequence.reference.ts";
import { hashUniformReference } from "../ops/hash-uniform.reference.ts";
import { heavisideReference } from "../ops/heaviside.reference.ts";
import type { OpName } from "../ops/index.ts";
import { isFiniteNumberReference } from "../ops/is-finite-number.reference.ts";
import { leakyReluReference } from "../ops/leaky-relu.reference.ts";
import { lessReference } from "../ops/less.reference.ts";
import { logReference } from "../ops/log.reference.ts";
import { logSoftmaxReference } from "../ops/log-softmax.reference.ts";
import { matMulReference } from "../ops/mat-mul.reference.ts";
import { maxPoolReference } from "../ops/max-pool.reference.ts";
import { maxPoolGradReference } from "../ops/max-pool-grad.reference.ts";
import { maximumReference } from "../ops/maximum.reference.ts";
import { minimumReference } from "../ops/minimum.reference.ts";
import { mulReference } from "../ops/mul.reference.ts";
import { negReference } from "../ops/neg.reference.ts";
import { normalizeBatchReference } from "../ops/normalize-batch.reference.ts";
import { notReference } from "../ops/not.reference.ts";
import { oneHotReference } from "../ops/one-hot.reference.ts";
import { padReference } from "../ops/pad.reference.ts";
import { powReference } from "../ops/pow.reference.ts";
import { reduceMaxReference } from "../ops/reduce-max.reference.ts";
import { reduceMeanReference } from "../ops/reduce-mean.reference.ts";
import { reduceMinReference } from "../ops/reduce-min.reference.ts";
import { reduceSumReference } from "../ops/reduce-sum.reference.ts";
import type { Reference } from "../ops/reference.ts";
import { reluReference } from "../ops/relu.reference.ts";
import { relu6Reference } from "../ops/relu6.reference.ts";
import { reshapeReference } from "../ops/reshape.reference.ts";
import { sigmoidReference } from "../ops/sigmoid.reference.ts";
import { sliceReference } from "../ops/slice.reference.ts";
import { softmaxReference } from "../ops/softmax.reference.ts";
import { softplusReference } from "../ops/softplus.reference.ts";
import { sqrtReference } from "../ops/sqrt.reference.ts";
import { stopGradientReference } from "../ops/stop-gradient.reference.ts";
import { subReference } from "../ops/sub.reference.ts";
import { tanhReference } from "../ops/tanh.reference.ts";
import { topKIndicesReference } from "../ops/top-k-indices.reference.ts";
import { topKValuesReference } from "../ops/top-k-values.reference.ts";
import { transposeReference } from "../ops/transpose.reference.ts";
import { whereReference } from "../ops/where.reference.ts";

export const references: Readonly<Record<OpName, Reference>> = {
  abs: absReference,
  add: addReference,
  and: andReference,
  argMax: argMaxReference,
  averagePool: averagePoolReference,
  batchNormalization: batchNormalizationReference,
  cast: castReference,
  clip: clipReference,
  concat: concatReference,
  conv2d: conv2dReference,
  conv2dInputGrad: conv2dInputGradReference,
  conv2dWeightGrad: conv2dWeightGradReference,
  div: divReference,
  equal: equalReference,
  erf: erfReference,
  exp: expReference,
  expand: expandReference,
  fakeQuantize: fakeQuantizeReference,
  gather: gatherReference,
  gatherGrad: gatherGradReference,
  gemm: gemmReference,
  globalAveragePool: globalAveragePoolReference,
  greater: greaterReference,
  greaterOrEqual: greaterOrEqualReference,
  gruSequence: gruSequenceReference,
  hashUniform: hashUniformReference,
  heaviside: heavisideReference,
  isFiniteNumber: isFiniteNumberReference,
  leakyRelu: leakyReluReference,
  less: lessReference,
  log: logReference,
  logSoftmax: logSoftmaxReference,
  matMul: matMulReference,
  maximum: maximumReference,
  maxPool: maxPoolReference,
  maxPoolGrad: maxPoolGradReference,
  minimum: minimumReference,
  mul: mulReference,
  neg: negReference,
  normalizeBatch: normalizeBatchReference,
  not: notReference,
  oneHot: oneHotReference,
  pad: padReference,
  pow: powReference,
  reduceMax: reduceMaxReference,
  reduceMean: reduceMeanReference,
  reduceMin: reduceMinReference,
  reduceSum: reduceSumReference,
  relu: reluReference,
  relu6: relu6Reference,
  reshape: reshapeReference,
  sigmoid: sigmoidReference,
  slice: sliceReference,
  softmax: softmaxReference,
  softplus: softplusReference,
  sqrt: sqrtReference,
  stopGradient: stopGradientReference,
  sub: subReference,
  tanh: tanhReference,
  topKIndices: topKIndicesReference,
  topKValues: topKValuesReference,
  transpose: transposeReference,
  where: whereReference,
};
