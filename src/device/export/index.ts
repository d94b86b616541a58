export { assertName } from "./c/assert-name.ts";
export { type CExport, type ExportCOptions, exportC } from "./c/export-c.ts";
export { exportFrontEnd, type FrontEndFiles } from "./c/front-end/export-front-end.ts";
export { inMemoryOrder } from "./c/self-test-text.ts";
export { type ExportOnnxOptions, exportOnnx, type OnnxExport } from "./onnx/export-onnx.ts";
export { withHalfWeights } from "./onnx/half-weights.ts";
export { type ExportOnnxInt8Options, exportOnnxInt8 } from "./onnx-int8/export-onnx-int8.ts";
export { type ExportTfliteOptions, exportTflite } from "./tflite/export-tflite.ts";
