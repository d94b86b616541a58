export { type OrtBackend, type OrtSession, type OrtTensor, ortRuntime } from "./ort-runtime.ts";
export { type Channel, remoteRuntime, serveRuntime } from "./remote-runtime.ts";
export type {
  Feeds,
  Kernels,
  Resident,
  RunResult,
  Runtime,
  Session,
  SessionOptions,
} from "./runtime.ts";
export { loadOrName, unsupportedOperators } from "./unsupported-operators.ts";
