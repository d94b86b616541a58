export { withOutput } from "./add-output.ts";
export { onnxDType } from "./dtype.ts";
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
export { type Front, withFront } from "./prepend-nodes.ts";
export { readOnnx } from "./read.ts";
export { withWiderNormalization } from "./wider-normalization.ts";
export { writeOnnx } from "./write.ts";
