/** @file The work of potstill doctor: tries each thing that a run needs, and says how it went. */

import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { imageDecoderVersion, loadDigits } from "../../data/sources/index-node.ts";
import { loadBackend, nodeRuntime } from "../../engine/runtime/node.ts";
import { ownVersion } from "./environment.ts";

export interface Finding {
  readonly name: string;
  /** "absent" is no fault: the thing is optional */
  readonly state: "ok" | "absent" | "failed";
  readonly detail: string;
}

/** Below this a run may not have room for its folder. */
const scarceBytes = 500e6;

/** @param runs where run folders would be made */
export async function examine(runs: string): Promise<readonly Finding[]> {
  return [
    { name: "potstill", state: "ok", detail: ownVersion() },
    nodeVersion(),
    machine(),
    await optional("onnxruntime-node", async () => backend("onnxruntime-node")),
    await optional("onnxruntime-web", async () => backend("onnxruntime-web")),
    await attempt("worker", workerRuntime),
    await optional("sharp (images)", imageDecoderVersion),
    await attempt("digits", digits),
    await attempt("run folder", () => folder(runs)),
  ];
}

async function attempt(name: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { name, state: "ok", detail: await work() };
  } catch (error) {
    return { name, state: "failed", detail: firstLine(error) };
  }
}

async function optional(name: string, work: () => Promise<string>): Promise<Finding> {
  const finding = await attempt(name, work);
  return finding.state === "failed" ? { ...finding, state: "absent" } : finding;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  const detail = isNew ? process.version : `${process.version}; 20.19 or newer is needed`;
  return { name: "node", state: isNew ? "ok" : "failed", detail };
}

function machine(): Finding {
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  const detail = `${cpu}, ${availableParallelism()} thread(s), ${memory} GiB, ${process.platform} ${process.arch}`;
  return { name: "machine", state: "ok", detail };
}

async function backend(name: "onnxruntime-node" | "onnxruntime-web"): Promise<string> {
  return (await loadBackend({ backend: name, provider: "cpu" })).version;
}

/** Starts the worker that training runs in, and lets it hold and give back a tensor. */
async function workerRuntime(): Promise<string> {
  const runtime = await nodeRuntime();
  try {
    const data = Float32Array.of(1, 2, 3);
    const kept = await runtime.keep({ dtype: "float32", shape: [3], data });
    const back = await runtime.fetch(kept);
    if (back.data.join() !== data.join()) throw new Error("the worker gave back other numbers");
    return `${runtime.name} ${runtime.version} answers from a worker thread`;
  } finally {
    await runtime.close();
  }
}

async function digits(): Promise<string> {
  const { train, test } = await loadDigits();
  return `${train.length} + ${test?.length ?? 0} samples`;
}

async function folder(runs: string): Promise<string> {
  let at = resolve(runs);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  await access(at, constants.W_OK);
  const { bavail, bsize } = await statfs(at);
  const free = bavail * bsize;
  const gigabytes = `${(free / 1e9).toFixed(1)} GB free`;
  if (free < scarceBytes) throw new Error(`${at} has only ${gigabytes}`);
  return `${resolve(runs)} can be written, ${gigabytes}`;
}
