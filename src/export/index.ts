export { type CExport, type ExportCOptions, exportC } from "./c/export-c.ts";
export { inMemoryOrder } from "./c/self-test-text.ts";
export { type ExportOnnxOptions, exportOnnx, type OnnxExport } from "./onnx/export-onnx.ts";
