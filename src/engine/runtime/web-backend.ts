/// <reference lib="dom" />
/** @file One of onnxruntime-web's builds as a backend of the thread that it is loaded in. */

import { BackendError } from "../../errors/index.ts";
import type { OrtBackend, OrtSession } from "./ort-runtime.ts";
import { askForThreads } from "./wasm-threads.ts";
import { webgpuProvider } from "./webgpu-provider.ts";

export const webProviders = ["wasm", "webgpu"] as const;
export type WebProvider = (typeof webProviders)[number];

/** One of onnxruntime-web's builds: for each provider another, with another WebAssembly file. */
export type OrtWeb = typeof import("onnxruntime-web/wasm");

/**
 * An operator without a kernel is an error, not a silent trip to the CPU and back at every step.
 */
const noFallback = { extra: { session: { disable_cpu_ep_fallback: "1" } } };

/** @returns the build as a backend of this thread */
export function webBackend(
  ort: OrtWeb,
  provider: WebProvider,
  wasmPaths: string | undefined,
): OrtBackend {
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return {
    name: `onnxruntime-web (${provider})`,
    version: ort.env.versions.web ?? ort.env.versions.common,
    kernels: provider === "webgpu" ? "webgpu" : "all",
    // our dtype names are onnxruntime's, and each comes with the typed array that it expects
    makeTensor: ({ dtype, data, shape }) =>
      new ort.Tensor(dtype as "float32", data as Float32Array, shape),
    createSession: async (model, { threads = 1 }) => {
      askForThreads(ort.env.wasm, globalThis.crossOriginIsolated ? threads : 1);
      const session = ort.InferenceSession.create(model, {
        executionProviders: [provider === "webgpu" ? webgpuProvider : provider],
        ...(provider === "webgpu" && noFallback),
        graphOptimizationLevel: "all",
        logSeverityLevel: 4, // errors come back as exceptions; the library prints nothing
      });
      return (await session.catch((cause) => {
        throw isUnloaded(cause) ? notLoaded(provider, wasmPaths, cause) : cause;
      })) as unknown as OrtSession; // ours is the part of its type that we use
    },
  };
}

/** how onnxruntime-web begins when its files, or the adapter, are missing */
const unloaded = "no available backend found. ERR: ";

function isUnloaded(cause: unknown): cause is Error {
  return cause instanceof Error && cause.message.startsWith(unloaded);
}

function notLoaded(
  provider: WebProvider,
  wasmPaths: string | undefined,
  cause: Error,
): BackendError {
  const parts = {
    where: `provider "${provider}"`,
    got: cause.message.slice(unloaded.length).replace(/\.$/, ""),
    details: { provider, wasmPaths },
    cause,
  };
  if (provider === "webgpu" && cause.message.includes("GPU adapter"))
    return new BackendError("backend/provider", {
      ...parts,
      rule: "the browser must have a WebGPU adapter",
      fix: 'Leave the provider at "wasm", which needs none',
    });
  const stem = `ort-wasm-simd-threaded${provider === "webgpu" ? ".asyncify" : ""}`;
  const from = wasmPaths === undefined ? "" : `${stem}.mjs and `;
  return new BackendError("backend/missing", {
    ...parts,
    rule: `${from}${stem}.wasm must be served${wasmPaths === undefined ? "" : ` from ${wasmPaths}`}`,
    fix: "Copy them from node_modules/onnxruntime-web/dist, of the version installed there, as docs/browser.md says",
  });
}
