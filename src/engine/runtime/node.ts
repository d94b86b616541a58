/**
 * @file Runtimes for Node: onnxruntime-node, or onnxruntime-web where it is not installed; here or
 * in a worker thread.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { BackendError } from "../../errors/index.ts";
import { provideSha256 } from "../../hash/index.ts";
import { probeConvolutionBlock } from "./convolution-block.ts";
import { type OrtBackend, type OrtSession, ortRuntime } from "./ort-runtime.ts";
import { withParallelSessions } from "./parallel-sessions.ts";
import { remoteRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";
import { nodeSha256 } from "./sha256-node.ts";
import { askForThreads } from "./wasm-threads.ts";
import { webgpuProvider } from "./webgpu-provider.ts";

export interface NodeRuntimeOptions {
  /**
   * "auto" takes onnxruntime-node and falls back to onnxruntime-web; the runtime's `name` says
   * which it is. With onnxruntime-web the first session's `threads` hold for all of the runtime,
   * and a session for many runs has no copies
   */
  readonly backend?: "auto" | "onnxruntime-node" | "onnxruntime-web";
  /**
   * true (default): sessions live in a worker thread, since run() blocks the thread that calls it
   */
  readonly worker?: boolean;
  /**
   * "cpu" (default); "webgpu", which onnxruntime-node brings along; "cuda", whose libraries its
   * install script fetches (see docs/performance.md). The last two need onnxruntime-node.
   */
  readonly provider?: Provider;
}

export const providers = ["cpu", "webgpu", "cuda"] as const;
export type Provider = (typeof providers)[number];

/** What the worker is told. */
export interface BackendChoice {
  readonly backend: NonNullable<NodeRuntimeOptions["backend"]>;
  readonly provider: Provider;
}

/**
 * @throws BackendError "backend/missing" if no onnxruntime package can be loaded;
 *   "backend/provider" if what the provider needs is not there
 */
export async function nodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  provideSha256(nodeSha256); // data sets and models are hashed beside it
  const { provider = "cpu" } = options;
  const backend = options.backend ?? (provider === "cpu" ? "auto" : "onnxruntime-node");
  const choice: BackendChoice = { backend, provider };
  refuseTelemetry();
  if (options.worker === false) return ortRuntime(await loadBackend(choice));
  const first = await workerRuntime(choice);
  // Copies of one thread each would bind onnxruntime-web, for good, to one thread.
  const mayHaveCopies = provider === "cpu" && first.name === "onnxruntime-node";
  return mayHaveCopies ? withParallelSessions(first, () => workerRuntime(choice)) : first;
}

function workerRuntime(choice: BackendChoice): Promise<Runtime> {
  const worker = new Worker(new URL("./node-worker.js", import.meta.url), {
    workerData: choice,
    execArgv: [], // it needs none, and refuses V8's flags and those of programs given as text
  });
  worker.unref();
  return remoteRuntime({
    post: (message, moved) => worker.postMessage(message, moved),
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

/**
 * onnxruntime-node keeps a device id in the user's cache folder and sends usage data, unless its
 * own switch is set when it is loaded. Who has set the switch, either way, is left alone.
 */
function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
}

/** @returns the backend asked for; "auto" tries onnxruntime-node first, and for CUDA only that */
export async function loadBackend({
  backend: wanted,
  provider,
}: BackendChoice): Promise<OrtBackend> {
  const both = ["onnxruntime-node", "onnxruntime-web"] as const;
  const able = provider === "cuda" ? both.slice(0, 1) : both;
  const names = wanted === "auto" ? able : [wanted];
  const failures: unknown[] = [];
  for (const name of names)
    try {
      return await importBackend(name, provider);
    } catch (cause) {
      if (cause instanceof BackendError) throw cause; // it says better what is missing
      failures.push(cause);
    }
  throw missingBackend(names, failures);
}

function missingBackend(names: readonly string[], failures: readonly unknown[]): BackendError {
  const messages = failures.map((cause) => (cause instanceof Error ? cause.message : `${cause}`));
  const [name, other] = names;
  const instead = other === undefined ? "" : ` (or ${other}, slower but pure WebAssembly)`;
  return new BackendError("backend/missing", {
    where: "runtime",
    rule: `${names.join(" or ")} must be installed`,
    got: messages.join("; "),
    fix: `npm install ${name}${instead}`,
    cause: failures[0],
  });
}

async function importBackend(
  name: "onnxruntime-node" | "onnxruntime-web",
  provider: Provider,
): Promise<OrtBackend> {
  const ort =
    name === "onnxruntime-node"
      ? await import("onnxruntime-node")
      : await import("onnxruntime-web");
  const entry = createRequire(import.meta.url).resolve(name);
  if (provider === "cuda") assertCudaLibraries(packageRoot(entry, name));
  const backend: OrtBackend = {
    name: provider === "cpu" ? name : `${name} (${provider})`,
    version: packageVersion(entry, name),
    kernels: provider === "webgpu" ? "webgpu" : "all",
    // our dtype names are onnxruntime's, and each comes with the typed array that it expects
    makeTensor: ({ dtype, data, shape }) =>
      new ort.Tensor(dtype as "float32", data as Float32Array, shape),
    createSession: async (model, { threads = 1, busyWait = false }) => {
      if (name === "onnxruntime-web") askForThreads(ort.env.wasm, threads);
      // The two packages type their sessions alike; ours is the part of it that we use.
      return (await ort.InferenceSession.create(model, {
        ...(provider !== "cpu" && {
          executionProviders: [provider === "webgpu" ? webgpuProvider : provider],
        }),
        extra: {
          session: {
            ...waiting(busyWait),
            ...exactInt8,
            ...(provider !== "cpu" && noFallback),
          },
        },
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        graphOptimizationLevel: "all",
        logSeverityLevel: 4, // errors come back as exceptions; the library prints nothing
      })) as unknown as OrtSession;
    },
  };
  // Other processors' kernels have no blocked layout, or none that was tried.
  const mayHaveBlocks = process.arch === "x64" && provider === "cpu" && name === "onnxruntime-node";
  return mayHaveBlocks
    ? { ...backend, convolutionBlock: await probeConvolutionBlock(backend) }
    : backend;
}

/**
 * An operator without a kernel is an error, not a silent trip to the CPU and back at every step.
 */
const noFallback = { disable_cpu_ep_fallback: "1" };

/**
 * On x64 processors without VNNI, onnxruntime adds two products of uint8 and int8 in 16 bits, which
 * saturate. This option makes it use exact kernels there; other processors ignore it.
 */
const exactInt8 = { x64quantprecision: "1" };

function waiting(isBusy: boolean): object {
  return { intra_op: { allow_spinning: isBusy ? "1" : "0" } };
}

/** Reads the version of the package that `entry` belongs to. */
function packageVersion(entry: string, name: string): string {
  const file = join(packageRoot(entry, name), "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as {
    version: string;
  }; // every package.json has one
  return version;
}

/** @returns the folder of the package that `entry` belongs to */
function packageRoot(entry: string, name: string): string {
  return entry.slice(0, entry.lastIndexOf(name) + name.length);
}

const cudaLibrary = "libonnxruntime_providers_cuda.so";

/**
 * onnxruntime-node would only fail when a model is loaded, and print about it.
 *
 * @param root folder of onnxruntime-node
 * @throws BackendError "backend/provider"
 */
export function assertCudaLibraries(root: string): void {
  const binaries = join(root, "bin");
  const folders = existsSync(binaries) ? readdirSync(binaries) : []; // napi-v6
  const inFolder = (folder: string): string =>
    join(binaries, folder, process.platform, process.arch, cudaLibrary);
  if (folders.some((folder) => existsSync(inFolder(folder)))) return;
  throw new BackendError("backend/provider", {
    where: 'provider "cuda"',
    rule: "onnxruntime-node needs its CUDA libraries, which exist for Linux on x64 only",
    got: `no ${cudaLibrary} under ${binaries}`,
    fix: "Let its install script fetch them, as docs/performance.md says under GPUs, or leave the provider at cpu",
    details: { provider: "cuda", platform: process.platform, arch: process.arch },
  });
}
