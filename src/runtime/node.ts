/**
 * @file Runtimes for Node: onnxruntime-node, or onnxruntime-web where it is not installed; here or
 * in a worker thread.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { BackendError } from "../errors/index.ts";
import { type OrtBackend, type OrtSession, ortRuntime } from "./ort-runtime.ts";
import { remoteRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";

export interface NodeRuntimeOptions {
  /**
   * "auto" takes onnxruntime-node and falls back to onnxruntime-web; the runtime's `name` says
   * which it is
   */
  readonly backend?: "auto" | "onnxruntime-node" | "onnxruntime-web";
  /**
   * true (default): sessions live in a worker thread, since run() blocks the thread that calls it
   */
  readonly worker?: boolean;
}

/** @throws BackendError "backend/missing" if no onnxruntime package can be loaded */
export async function nodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  const backend = options.backend ?? "auto";
  if (options.worker === false) return ortRuntime(await loadBackend(backend));
  const worker = new Worker(new URL("./node-worker.js", import.meta.url), { workerData: backend });
  worker.unref();
  return remoteRuntime({
    post: (message) => worker.postMessage(message),
    listen: (onMessage, onFailure) => {
      worker.on("message", onMessage);
      worker.on("error", onFailure);
      worker.on("exit", (code) =>
        onFailure(new Error(`the runtime worker ended with code ${code}`)),
      );
    },
    hold: () => worker.ref(),
    idle: () => worker.unref(),
    end: async () => void (await worker.terminate()),
  });
}

/** @returns the backend asked for; "auto" tries onnxruntime-node first */
export async function loadBackend(
  wanted: NonNullable<NodeRuntimeOptions["backend"]>,
): Promise<OrtBackend> {
  const names = wanted === "auto" ? (["onnxruntime-node", "onnxruntime-web"] as const) : [wanted];
  const failures: unknown[] = [];
  for (const name of names)
    try {
      return await importBackend(name);
    } catch (cause) {
      failures.push(cause);
    }
  throw new BackendError("backend/missing", {
    where: "runtime",
    rule: `one of ${names.join(", ")} must be installed`,
    got: failures
      .map((cause) => (cause instanceof Error ? cause.message : String(cause)))
      .join("; "),
    fix: "npm install onnxruntime-node (or onnxruntime-web, slower but pure WebAssembly)",
    cause: failures[0],
  });
}

async function importBackend(name: "onnxruntime-node" | "onnxruntime-web"): Promise<OrtBackend> {
  const ort =
    name === "onnxruntime-node"
      ? await import("onnxruntime-node")
      : await import("onnxruntime-web");
  const entry = createRequire(import.meta.url).resolve(name);
  return {
    name,
    version: packageVersion(entry, name),
    // our dtype names are onnxruntime's, and each comes with the typed array that it expects
    makeTensor: ({ dtype, data, shape }) =>
      new ort.Tensor(dtype as "float32", data as Float32Array, shape),
    createSession: async (model, { threads = 1 }) =>
      // The two packages type their sessions alike; ours is the part of it that we use.
      (await ort.InferenceSession.create(model, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        graphOptimizationLevel: "all",
        logSeverityLevel: 4, // errors come back as exceptions; the library prints nothing
      })) as unknown as OrtSession,
  };
}

/** Reads the version of the package that `entry` belongs to. */
function packageVersion(entry: string, name: string): string {
  const root = entry.slice(0, entry.lastIndexOf(`${name}/`) + name.length);
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
    version: string;
  }; // every package.json has one
  return version;
}
