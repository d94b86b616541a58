export { onnxDType } from "./dtype.ts";
export { type Front, withFront, withOutput } from "./edit.ts";
export { type ExternalPart, inlineExternalData } from "./external-data.ts";
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
export { withWiderNormalization } from "./wider-normalization.ts";
export { writeOnnx } from "./write.ts";
