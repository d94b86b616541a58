export { assertSameShape } from "./assert.ts";
export { type DropoutOptions, dropout } from "./compositions/dropout.ts";
export { abs } from "./abs.ts";
export { add } from "./add.ts";
export { and } from "./and.ts";
export { argMax, type ArgMaxOptions } from "./arg-max.ts";
export { cast } from "./cast.ts";
export { clip } from "./clip.ts";
export {
  type BatchNormTraining,
  batchNormTraining,
} from "./compositions/batch-norm-training.ts";
export { concat } from "./concat.ts";
export { conv2dInputGrad } from "./conv2d-input-grad.ts";
export { conv2dWeightGrad } from "./conv2d-weight-grad.ts";
export { conv2d } from "./conv2d.ts";
export { div } from "./div.ts";
export { equal } from "./equal.ts";
export { exp } from "./exp.ts";
export { expand } from "./expand.ts";
export { gatherGrad, type GatherGradOptions } from "./gather-grad.ts";
export { gather } from "./gather.ts";
export { globalAveragePool } from "./global-average-pool.ts";
export { greater } from "./greater.ts";
export { hashUniform, type HashUniformOptions } from "./hash-uniform.ts";
export { isFiniteNumber } from "./is-finite-number.ts";
export { leakyRelu } from "./leaky-relu.ts";
export { less } from "./less.ts";
export { logSoftmax } from "./log-softmax.ts";
export { log } from "./log.ts";
export { matMul } from "./mat-mul.ts";
export { maxPoolGrad } from "./max-pool-grad.ts";
export { maxPool } from "./max-pool.ts";
export { maximum } from "./maximum.ts";
export { minimum } from "./minimum.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { not } from "./not.ts";
export { oneHot, type OneHotOptions } from "./one-hot.ts";
export { pad, type PadOptions } from "./pad.ts";
export { pow } from "./pow.ts";
export { reduceMax } from "./reduce-max.ts";
export { reduceMean } from "./reduce-mean.ts";
export type { ReduceOptions } from "./reduce-rule.ts";
export { reduceSum } from "./reduce-sum.ts";
export { relu } from "./relu.ts";
export { relu6 } from "./relu6.ts";
export { reshape } from "./reshape.ts";
export { sigmoid } from "./sigmoid.ts";
export { slice, type SliceOptions } from "./slice.ts";
export { softmax } from "./softmax.ts";
export { sqrt } from "./sqrt.ts";
export { stopGradient } from "./stop-gradient.ts";
export { sub } from "./sub.ts";
export { tanh } from "./tanh.ts";
export { transpose } from "./transpose.ts";
export { where } from "./where.ts";
export { type AveragePoolOptions, averagePool } from "./average-pool.ts";
export { type BatchNormalizationOptions, batchNormalization } from "./batch-normalization.ts";
export type { Conv2dOptions } from "./conv2d-rule.ts";
export { type GemmOptions, gemm } from "./gemm.ts";
export type { PoolOptions } from "./pool-rule.ts";
export type { Padding, Pads, Pair, Size2d } from "./window.ts";
export {
  asValue,
  defineOp,
  type NoGradient,
  type OnnxContext,
  type Op,
  type OpDefinition,
  type Operand,
  type Vjp,
  type VjpContext,
} from "./define-op.ts";
export { type Emit, ints, type OnnxAttr } from "./emit.ts";
export { definitionOf, type OpName, type Ops, ops } from "./table.ts";
