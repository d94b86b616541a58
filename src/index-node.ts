export * from "./data/sources/index-node.ts";
export type { BoardSearch } from "./distill/boards/index-node.ts";
export {
  Distiller,
  type NodeDistillerOptions,
  type TeacherFile,
} from "./distill/distiller-node.ts";
export { readOnnxFile } from "./distill/onnx-file-node.ts";
export { type SaveStudentCOptions, saveStudentC } from "./distill/save-student-c-node.ts";
export { type NodeRuntimeOptions, nodeRuntime } from "./engine/runtime/node.ts";
export * from "./index.ts";
