export type { ArgMaxOptions } from "./arg-max.ts";
export { assertSameShape } from "./assert.ts";
export type { AveragePoolOptions } from "./average-pool.ts";
export type { BatchNormalizationOptions } from "./batch-rule.ts";
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
export type { Conv2dOptions } from "./conv2d-rule.ts";
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
export type { FakeQuantizeLimits } from "./fake-quantize.ts";
export type { GatherGradOptions } from "./gather-grad.ts";
export type { GemmOptions } from "./gemm.ts";
export type { GruSequenceOptions } from "./gru-sequence.ts";
export type { HashUniformOptions } from "./hash-uniform.ts";
export { hashUniformValues } from "./hash-uniform-values.ts";
export type { OneHotOptions } from "./one-hot.ts";
export * from "./operators.ts";
export type { PadOptions } from "./pad.ts";
export type { PoolOptions } from "./pool-rule.ts";
export type { ReduceOptions } from "./reduce-rule.ts";
export type { SliceOptions } from "./slice.ts";
export { definitionOf, type OpName, type Ops, ops } from "./table.ts";
export type { TopKOptions } from "./top-k-rule.ts";
export type { Padding, Pads, Pair, Size2d } from "./window.ts";
