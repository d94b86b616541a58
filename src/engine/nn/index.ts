export type { NamedBuilder, NamedLayer } from "./chain.ts";
export {
  type ChannelGroup,
  channelGroups,
  groupedFamilies,
  withChannels,
} from "./channel-groups.ts";
export { classAxes } from "./class-axes.ts";
export { type AutoencoderOptions, autoencoder } from "./families/autoencoder.ts";
export { type CnnOptions, cnn } from "./families/cnn.ts";
export { type DsCnnOptions, dsCnn } from "./families/ds-cnn.ts";
export { type GruOptions, gru } from "./families/gru.ts";
export { logMelElements } from "./families/log-mel-front.ts";
export { type MlpOptions, mlp } from "./families/mlp.ts";
export { type MobileNetV1Options, mobileNetV1 } from "./families/mobile-net-v1.ts";
export { buildNetwork, families, type NetworkSpec } from "./families/registry.ts";
export { type Resnet8Options, resnet8 } from "./families/resnet8.ts";
export { type TcnOptions, tcn } from "./families/tcn.ts";
export { type TinyTransformerOptions, tinyTransformer } from "./families/tiny-transformer.ts";
export type { Layer, LayerBuilder, LayerContext } from "./layer.ts";
export { layerShapes } from "./layer-shapes.ts";
export { type ActivationName, activation, activationNames } from "./layers/activation.ts";
export { type ConvTranspose2dOptions, convTranspose2d } from "./layers/conv-transpose2d.ts";
export { type Conv1dOptions, conv1d } from "./layers/conv1d.ts";
export { type Conv2dOptions, conv2d } from "./layers/conv2d.ts";
export { dense, positionwiseDense } from "./layers/dense.ts";
export { dropout } from "./layers/dropout.ts";
export { embedding, positionEmbedding } from "./layers/embedding.ts";
export { flatten, unflatten } from "./layers/flatten.ts";
export { gru as gruLayer } from "./layers/gru.ts";
export { logMel } from "./layers/log-mel.ts";
export { multiHeadAttention } from "./layers/multi-head-attention.ts";
export { batchNorm, groupNorm, layerNorm } from "./layers/normalization.ts";
export {
  globalAveragePool,
  type PositionPooling,
  pool2d,
  poolPositions,
} from "./layers/pooling.ts";
export { residual } from "./layers/residual.ts";
export { sequence } from "./layers/sequence.ts";
export { asSequence, swapAxes } from "./layers/sequence-shape.ts";
export {
  type ForwardContext,
  macCount,
  type Network,
  parameterCount,
  sequential,
} from "./network.ts";
export {
  initialParameters,
  isTrainable,
  type ParameterSpec,
} from "./parameter.ts";
export { networkInput, preprocess } from "./preprocess.ts";
export { type LayerSummary, type NetworkSummary, summarize } from "./summary.ts";
