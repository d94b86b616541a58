export { type ExportOnnxOptions, exportOnnx, type OnnxExport } from "./onnx/export-onnx.ts";
