export { type OrtBackend, type OrtSession, ortRuntime } from "./ort-runtime.ts";
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
export { loadOrName } from "./unsupported-operators.ts";
