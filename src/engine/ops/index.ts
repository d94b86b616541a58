export { abs } from "./abs.ts";
export { add } from "./add.ts";
export { and } from "./and.ts";
export { type ArgMaxOptions, argMax } from "./arg-max.ts";
export { assertSameShape } from "./assert.ts";
export { type AveragePoolOptions, averagePool } from "./average-pool.ts";
export { batchNormalization } from "./batch-normalization.ts";
export type { BatchNormalizationOptions } from "./batch-rule.ts";
export { cast } from "./cast.ts";
export { clip } from "./clip.ts";
export {
  type BatchNormTraining,
  batchNormTraining,
} from "./compositions/batch-norm-training.ts";
export { type ConvTranspose2dOptions, convTranspose2d } from "./compositions/conv-transpose2d.ts";
export { type Conv1dOptions, conv1d, type Padding1d } from "./compositions/conv1d.ts";
export { type DropoutOptions, dropout } from "./compositions/dropout.ts";
export { type GeluOptions, gelu } from "./compositions/gelu.ts";
export {
  type GroupNormalizationOptions,
  groupNormalization,
} from "./compositions/group-normalization.ts";
export { type GruGate, type GruOptions, type GruWeights, gru } from "./compositions/gru.ts";
export { hardSigmoid, hardSwish } from "./compositions/hard-swish.ts";
export { layerNormalization } from "./compositions/layer-normalization.ts";
export {
  type FrameOptions,
  type LogMelOptions,
  logMel,
  powerSpectrogram,
} from "./compositions/log-mel.ts";
export {
  hertzFromMel,
  type MelOptions,
  melFilters,
  melFromHertz,
} from "./compositions/mel-filters.ts";
export {
  type AttentionOptions,
  scaledDotProductAttention,
} from "./compositions/scaled-dot-product-attention.ts";
export { silu } from "./compositions/silu.ts";
export { concat } from "./concat.ts";
export { conv2d } from "./conv2d.ts";
export { conv2dInputGrad } from "./conv2d-input-grad.ts";
export type { Conv2dOptions } from "./conv2d-rule.ts";
export { conv2dWeightGrad } from "./conv2d-weight-grad.ts";
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
export { div } from "./div.ts";
export { type Emit, ints, type OnnxAttr } from "./emit.ts";
export { equal } from "./equal.ts";
export { erf } from "./erf.ts";
export { exp } from "./exp.ts";
export { expand } from "./expand.ts";
export { type FakeQuantizeLimits, fakeQuantize } from "./fake-quantize.ts";
export { gather } from "./gather.ts";
export { type GatherGradOptions, gatherGrad } from "./gather-grad.ts";
export { type GemmOptions, gemm } from "./gemm.ts";
export { globalAveragePool } from "./global-average-pool.ts";
export { greater } from "./greater.ts";
export { greaterOrEqual } from "./greater-or-equal.ts";
export { type GruSequenceOptions, gruSequence } from "./gru-sequence.ts";
export { type HashUniformOptions, hashUniform } from "./hash-uniform.ts";
export { hashUniformValues } from "./hash-uniform-values.ts";
export { heaviside } from "./heaviside.ts";
export { isFiniteNumber } from "./is-finite-number.ts";
export { leakyRelu } from "./leaky-relu.ts";
export { less } from "./less.ts";
export { log } from "./log.ts";
export { logSoftmax } from "./log-softmax.ts";
export { matMul } from "./mat-mul.ts";
export { maxPool } from "./max-pool.ts";
export { maxPoolGrad } from "./max-pool-grad.ts";
export { maximum } from "./maximum.ts";
export { minimum } from "./minimum.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { normalizeBatch } from "./normalize-batch.ts";
export { not } from "./not.ts";
export { type OneHotOptions, oneHot } from "./one-hot.ts";
export { type PadOptions, pad } from "./pad.ts";
export type { PoolOptions } from "./pool-rule.ts";
export { pow } from "./pow.ts";
export { reduceMax } from "./reduce-max.ts";
export { reduceMean } from "./reduce-mean.ts";
export { reduceMin } from "./reduce-min.ts";
export type { ReduceOptions } from "./reduce-rule.ts";
export { reduceSum } from "./reduce-sum.ts";
export { relu } from "./relu.ts";
export { relu6 } from "./relu6.ts";
export { reshape } from "./reshape.ts";
export { sigmoid } from "./sigmoid.ts";
export { type SliceOptions, slice } from "./slice.ts";
export { softmax } from "./softmax.ts";
export { softplus } from "./softplus.ts";
export { sqrt } from "./sqrt.ts";
export { stopGradient } from "./stop-gradient.ts";
export { sub } from "./sub.ts";
export { definitionOf, type OpName, type Ops, ops } from "./table.ts";
export { tanh } from "./tanh.ts";
export { topKIndices } from "./top-k-indices.ts";
export type { TopKOptions } from "./top-k-rule.ts";
export { topKValues } from "./top-k-values.ts";
export { transpose } from "./transpose.ts";
export { where } from "./where.ts";
export type { Padding, Pads, Pair, Size2d } from "./window.ts";
