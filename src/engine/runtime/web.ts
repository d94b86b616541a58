/// <reference lib="dom" />
/**
 * @file Runtimes for browsers: onnxruntime-web on WebAssembly or WebGPU, here or in a module
 * worker.
 */

import { assertKnown, BackendError, ConfigError } from "../../errors/index.ts";
import { ortRuntime } from "./ort-runtime.ts";
import { remoteRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";
import { type WebProvider, webBackend, webProviders } from "./web-backend.ts";

export interface WebRuntimeOptions {
  /** "wasm" (default) runs every operator; "webgpu" needs an adapter and twice the download */
  readonly provider?: WebProvider;
  /**
   * URL of a folder, as the page sees it and with "/" at its end, from which onnxruntime-web's
   * module and WebAssembly are loaded: ort-wasm-simd-threaded.mjs and .wasm, for "webgpu"
   * ort-wasm-simd-threaded.asyncify.mjs and .wasm. Default: the .wasm alone, from where the bundler
   * has put it
   */
  readonly wasmPaths?: string;
  /**
   * true (default): sessions live in a module worker, since run() blocks the thread that calls it
   */
  readonly worker?: boolean;
}

/** What `webRuntime` makes. */
export interface WebRuntime extends Runtime {
  /**
   * false where the page is not cross-origin isolated: then sessions have one thread, whatever they
   * ask for
   */
  readonly hasThreads: boolean;
}

/**
 * Threads need a page that is cross-origin isolated (headers COOP: same-origin and COEP:
 * require-corp); without it the runtime uses one, and its `hasThreads` says so. The first session's
 * number holds for all of the runtime.
 *
 * @throws ConfigError "config/unknown-name" for another provider, "config/value" for a folder
 *   without its slash; BackendError "backend/worker" if the worker's script cannot be loaded. From
 *   `load`: "backend/missing" if onnxruntime-web's files cannot be; "backend/provider" without a
 *   WebGPU adapter; "backend/load", naming the operator, if the provider cannot run a model
 */
export async function webRuntime(options: WebRuntimeOptions = {}): Promise<WebRuntime> {
  const { provider = "wasm", worker = true } = options;
  assertKnown("webRuntime", "provider", provider, webProviders);
  const wasmPaths = absoluteFolder(options.wasmPaths);
  const runtime = await (worker
    ? workerRuntime(provider, wasmPaths)
    : runtimeHere(provider, wasmPaths));
  return { ...runtime, hasThreads: globalThis.crossOriginIsolated };
}

/** Of the page: a worker would take it from its script on. @throws ConfigError "config/value" */
function absoluteFolder(wasmPaths: string | undefined): string | undefined {
  if (wasmPaths === undefined) return undefined;
  if (!wasmPaths.endsWith("/"))
    throw new ConfigError("config/value", {
      where: "webRuntime: wasmPaths",
      rule: 'must be a folder, with "/" at its end',
      got: `"${wasmPaths}"`,
      fix: `Write "${wasmPaths}/"`,
    });
  return new URL(wasmPaths, location.href).href;
}

/** A module each of its own: onnxruntime-web's threads load it again, and nothing beside it. */
async function runtimeHere(provider: WebProvider, wasmPaths: string | undefined): Promise<Runtime> {
  const ort = await (provider === "webgpu"
    ? import("onnxruntime-web/webgpu")
    : import("onnxruntime-web/wasm"));
  return ortRuntime(webBackend(ort, provider, wasmPaths));
}

async function workerRuntime(
  provider: WebProvider,
  wasmPaths: string | undefined,
): Promise<Runtime> {
  const worker = startWorker(provider);
  worker.postMessage(wasmPaths);
  return remoteRuntime({
    post: (message, moved) => worker.postMessage(message, [...moved]),
    listen: (onMessage, onFailure) => {
      worker.addEventListener("message", ({ data }) => onMessage(data));
      // a script that cannot be loaded is a plain event, without a message
      worker.addEventListener("error", ({ message }) =>
        onFailure(message ? new Error(message) : noWorker(provider)),
      );
    },
    hold: () => undefined, // a page lives as long as it is open
    idle: () => undefined,
    end: async () => worker.terminate(),
  });
}

/** @throws BackendError "backend/worker" for a script of another origin */
function startWorker(provider: WebProvider): Worker {
  try {
    // bundlers look for this very form
    return provider === "webgpu"
      ? new Worker(new URL("./web-worker-webgpu.js", import.meta.url), {
          type: "module",
          name: "potstill",
        })
      : new Worker(new URL("./web-worker.js", import.meta.url), {
          type: "module",
          name: "potstill",
        });
  } catch (cause) {
    throw noWorker(provider, cause);
  }
}

function noWorker(provider: WebProvider, cause?: unknown): BackendError {
  const here = import.meta.url; // apart, so that no bundler takes the script for an asset
  const script = new URL(`web-worker${provider === "webgpu" ? "-webgpu" : ""}.js`, here).href;
  return new BackendError("backend/worker", {
    where: "webRuntime",
    rule: "the script of its worker must be served from the page's origin, with the page's headers",
    got:
      cause instanceof Error
        ? cause.message
        : `nothing that runs from ${script}, or from where a bundler has put it`,
    fix: 'See what the server answers for it; one that bundles packages beforehand must leave it (Vite: optimizeDeps: { exclude: ["potstill"] }). Or pass worker: false; docs/browser.md says more',
    details: { script },
    cause,
  });
}
