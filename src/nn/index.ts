export { type CnnOptions, cnn } from "./families/cnn.ts";
export { type MlpOptions, mlp } from "./families/mlp.ts";
export { buildNetwork, families, type NetworkSpec } from "./families/registry.ts";
export type { Layer, LayerBuilder, LayerContext } from "./layer.ts";
export { type ActivationName, activation, activationNames } from "./layers/activation.ts";
export { type BatchNormOptions, batchNorm } from "./layers/batch-norm.ts";
export { type Conv2dOptions, conv2d } from "./layers/conv2d.ts";
export { dense } from "./layers/dense.ts";
export { dropout } from "./layers/dropout.ts";
export { flatten } from "./layers/flatten.ts";
export { globalAveragePool, pool2d } from "./layers/pooling.ts";
export {
  type ForwardContext,
  macCount,
  type NamedLayer,
  type Network,
  parameterCount,
  sequential,
} from "./network.ts";
export {
  type Initializer,
  initialParameters,
  isTrainable,
  type ParameterRole,
  type ParameterSpec,
} from "./parameter.ts";
export { preprocess } from "./preprocess.ts";
export { type LayerSummary, type NetworkSummary, summarize } from "./summary.ts";
