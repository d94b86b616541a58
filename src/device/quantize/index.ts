export {
  affineQuantization,
  clampInt8,
  clampRange,
  exactSampleQuantization,
  quantizeSamples,
} from "./affine.ts";
export { assertQuantized } from "./assert.ts";
export {
  type QuantizationAwareSpec,
  quantizationAware,
} from "./aware/network.ts";
export {
  quantizedInference,
  quantizeTrained,
  trainedQuantization,
} from "./aware/trained.ts";
export {
  assertCalibrationOptions,
  type CalibrationOptions,
  calibrate,
  observedValues,
} from "./calibrate.ts";
export { foldBatchNorm } from "./fold-batch-norm.ts";
export { type FrontEnd, factorBits } from "./front-end/front-end.ts";
export { type FrontEndOptions, planFrontEnd } from "./front-end/plan-front-end.ts";
export { frontEndFrame, runFrontEnd } from "./front-end/run-front-end.ts";
export type { FloatLayer, FloatPlan } from "./lowering/float-layer.ts";
export { planLayers } from "./lowering/plan.ts";
export { lowerings, supportedOps } from "./lowering/table.ts";
export { type CalibrationMethod, calibrationMethods, type RealRange } from "./observers.ts";
export { quantizeGraph } from "./quantize-graph.ts";
export { assertQuantizeOptions, type QuantizeOptions, quantizePlan } from "./quantize-plan.ts";
export type {
  AddLayer,
  ArgMaxLayer,
  ClampRange,
  ConcatLayer,
  Conv2dLayer,
  DenseLayer,
  DepthwiseConv2dLayer,
  GateWeights,
  GruLayer,
  LayerKind,
  LookupLayer,
  PoolLayer,
  Quantization,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedTensor,
  QuantizedWindow,
  RequantizeLayer,
  ReshapeLayer,
  SampleEncoding,
  SliceLayer,
  SoftmaxLayer,
  SwapAxesLayer,
  WeightedLayer,
  WeightedParts,
} from "./quantized-graph.ts";
export { addMultipliers } from "./reference/elementwise.ts";
export { gateBits, sigmoidTable } from "./reference/gru.ts";
export { type ImageSize, imageOf } from "./reference/image.ts";
export type { Integers } from "./reference/layer-run.ts";
export { runQuantized, traceQuantized } from "./reference/run.ts";
export { softmaxConstants } from "./reference/softmax.ts";
export { type FixedPoint, quantizeMultiplier, type Rounding } from "./rounding.ts";
export { withSteps } from "./with-steps.ts";
