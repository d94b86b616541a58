/// <reference lib="dom" />
/**
 * @file Runtimes for browsers: onnxruntime-web on WebAssembly or WebGPU, here or in a module
 * worker.
 */

import * as ort from "onnxruntime-web/webgpu";
import { type OrtBackend, type OrtSession, ortRuntime } from "./ort-runtime.ts";
import { remoteRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";
import { askForThreads } from "./wasm-threads.ts";

export interface WebRuntimeOptions {
  /** "wasm" (default) runs every operator; "webgpu" needs an adapter */
  readonly provider?: "wasm" | "webgpu";
  /** where the .wasm files are served from; default: beside the script, as bundlers put them */
  readonly wasmPaths?: string;
  /**
   * true (default): sessions live in a module worker, since run() blocks the thread that calls it
   */
  readonly worker?: boolean;
}

/**
 * Threads need a page that is cross-origin isolated (headers COOP: same-origin and COEP:
 * require-corp); without it the runtime uses one. The first session's number holds for all of the
 * runtime.
 *
 * @throws BackendError "backend/load" naming the operator, if the provider cannot run a model
 */
export async function webRuntime(options: WebRuntimeOptions = {}): Promise<Runtime> {
  if (options.worker === false) return ortRuntime(webBackend(options));
  const { worker: _, ...rest } = options;
  const worker = new Worker(new URL("./web-worker.js", import.meta.url), { type: "module" });
  worker.postMessage(rest);
  return remoteRuntime({
    post: (message, moved) => worker.postMessage(message, [...moved]),
    listen: (onMessage, onFailure) => {
      worker.addEventListener("message", ({ data }) => onMessage(data));
      worker.addEventListener("error", ({ message }) => onFailure(new Error(message)));
    },
    hold: () => undefined, // a page lives as long as it is open
    idle: () => undefined,
    end: async () => worker.terminate(),
  });
}

/**
 * An operator without a kernel is an error, not a silent trip to the CPU and back at every step.
 */
const noFallback = { extra: { session: { disable_cpu_ep_fallback: "1" } } };

/** @returns onnxruntime-web as a backend of this thread */
export function webBackend({ provider = "wasm", wasmPaths }: WebRuntimeOptions): OrtBackend {
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return {
    name: `onnxruntime-web (${provider})`,
    version: ort.env.versions.web ?? ort.env.versions.common,
    kernels: provider === "webgpu" ? "webgpu" : "all",
    convolutionBlock: 0, // WebAssembly's kernels have no blocked layout
    // our dtype names are onnxruntime's, and each comes with the typed array that it expects
    makeTensor: ({ dtype, data, shape }) =>
      new ort.Tensor(dtype as "float32", data as Float32Array, shape),
    createSession: async (model, { threads = 1 }) => {
      askForThreads(ort.env.wasm, threads);
      return (await ort.InferenceSession.create(model, {
        executionProviders: [provider],
        ...(provider === "webgpu" && noFallback),
        graphOptimizationLevel: "all",
        logSeverityLevel: 4, // errors come back as exceptions; the library prints nothing
      })) as unknown as OrtSession; // ours is the part of its type that we use
    },
  };
}
