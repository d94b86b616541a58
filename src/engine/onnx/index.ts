export { onnxDType } from "./dtype.ts";
export { type Front, withFront } from "./front.ts";
export type {
  OnnxAttribute,
  OnnxDim,
  OnnxGraph,
  OnnxInitializer,
  OnnxModel,
  OnnxNode,
  OnnxValueInfo,
} from "./model.ts";
export { readOnnx } from "./read.ts";
export { withOutput } from "./tap.ts";
export { withWiderNormalization } from "./wider-normalization.ts";
export { writeOnnx } from "./write.ts";
