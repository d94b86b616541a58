export { type ImportOptions, importableOperators, importOnnx } from "./import-onnx.ts";
