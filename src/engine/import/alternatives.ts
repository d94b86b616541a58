/** @file What to take in the place of operators that have no form here. */

const quantised = "The model is quantised already: give the float model that it was made from";
const recurrent = "Use GRU, or convolutions over time, which hear as far back";
const training = "Export the model for inference";
const flow = "Export a model without branches and loops: fixed sizes, evaluation mode";
const resizing = "Use strides, or resize outside the model";
const norm = "Use BatchNormalization, which becomes part of the layer before it";

/** ONNX operator → advice. */
export const alternatives: Readonly<Record<string, string>> = {
  BatchNormalizationGrad: training,
  ConvInteger: quantised,
  ConvTranspose: "Use Conv with strides, or enlarge outside the model",
  DequantizeLinear: quantised,
  DynamicQuantizeLinear: quantised,
  Einsum: "Use MatMul, Transpose and Reshape",
  GroupNormalization: norm,
  If: flow,
  InstanceNormalization: norm,
  LRN: norm,
  Loop: flow,
  LSTM: recurrent,
  MatMulInteger: quantised,
  Mod: "Compute it outside the model",
  NonMaxSuppression: "Leave it to the program that uses the model",
  NonZero: flow,
  QLinearConv: quantised,
  QLinearMatMul: quantised,
  QuantizeLinear: quantised,
  RNN: recurrent,
  Resize: resizing,
  Scan: flow,
  TopK: "Leave it to the program that uses the model",
  Upsample: resizing,
};
