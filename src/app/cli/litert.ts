/**
 * @file LiteRT as a judge of .tflite files: its own kernels, in WebAssembly, from the package
 * @litertjs/core. That package's public interface has no int8, so its bindings are used directly.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { BackendError } from "../../errors/index.ts";

interface Deletable {
  readonly delete: () => void;
}
interface TensorBuffer extends Deletable {
  readonly lock: (mode: unknown) => number;
  readonly unlock: () => void;
  readonly packedSize: () => number;
}
interface TensorType extends Deletable {
  readonly bytes: () => number;
}
interface Model extends Deletable {
  readonly getInputTensorType: (signature: number, index: number) => TensorType;
}
interface CompiledModel extends Deletable {
  readonly run: (signature: number, inputs: readonly TensorBuffer[]) => readonly TensorBuffer[];
}
/** The part of the bindings that a network with one input and one output needs. */
interface Bindings {
  readonly HEAPU8: Uint8Array;
  readonly _malloc: (bytes: number) => number;
  readonly _free: (pointer: number) => void;
  readonly LiteRtEnvironment: { readonly create: (device: null) => Deletable };
  readonly loadModel: (environment: Deletable, pointer: number, bytes: number) => Model;
  readonly compileModel: (environment: Deletable, model: Model, options: object) => CompiledModel;
  readonly LiteRtTensorBuffer: {
    readonly createManaged: (
      environment: Deletable,
      kind: unknown,
      type: TensorType,
      bytes: number,
    ) => TensorBuffer;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
}

export interface LiteRt {
  /** of the package */
  readonly version: string;
  /**
   * @returns the bytes of the one output for each input
   * @throws if LiteRT refuses the file; BackendError "backend/toolchain" if another version than
   *   the one these bindings are of fails
   */
  readonly run: (file: Uint8Array, inputs: readonly Int8Array[]) => readonly Uint8Array[];
}

const packageName = "@litertjs/core";
/** whose bindings these are */
const knownVersion = "2.5.3";
export const installLiteRt: string = `npm install ${packageName}@${knownVersion}`;

/**
 * @param from files whose packages are looked through; default Potstill's own, then the current
 *   folder's
 * @returns LiteRT with XNNPACK, on one thread, without relaxed SIMD; undefined if the package is
 *   not installed
 * @throws BackendError "backend/toolchain" if a package is there that has no such bindings
 */
export async function openLiteRt(
  from: readonly string[] = [import.meta.url, join(process.cwd(), "here.js")],
): Promise<LiteRt | undefined> {
  const entry = entryOf(packageName, from);
  if (entry === undefined) return undefined;
  const folder = join(dirname(entry), "..");
  const version = versionIn(folder);
  try {
    const bindings = await loadBindings(join(folder, "wasm"));
    const environment = bindings.LiteRtEnvironment.create(null);
    const run: LiteRt["run"] = (file, inputs) => {
      try {
        return runModel(bindings, environment, file, inputs);
      } catch (cause) {
        throw version === knownVersion ? cause : unusable(version, cause);
      }
    };
    return { version, run };
  } catch (cause) {
    throw unusable(version, cause);
  }
}

async function loadBindings(folder: string): Promise<Bindings> {
  const script = join(folder, "litert_wasm_compat_internal.js");
  // a script for browsers in a package of modules: import would not show its one variable
  const text = `${readFileSync(script, "utf8")};return ModuleFactory;`;
  const load = new Function("require", "__filename", "__dirname", text);
  const factory = load(createRequire(script), script, folder) as Factory; // what the script makes
  return factory({ print: () => {}, printErr: () => {} });
}

function versionIn(folder: string): string {
  try {
    const about: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return String((about as { readonly version?: unknown }).version); // as npm has written it
  } catch {
    return "of an unknown version";
  }
}

function unusable(version: string, cause: unknown): BackendError {
  return new BackendError("backend/toolchain", {
    where: `${packageName} ${version}`,
    rule: `LiteRT's bindings must be those of ${knownVersion}`,
    got: cause instanceof Error ? cause.message : String(cause),
    fix: `Run: ${installLiteRt}`,
    details: { version },
    cause,
  });
}

type Factory = (options: object) => Promise<Bindings>;

function entryOf(name: string, places: readonly string[]): string | undefined {
  for (const from of places)
    try {
      return createRequire(from).resolve(name);
    } catch {}
  return undefined;
}

function runModel(
  bindings: Bindings,
  environment: Deletable,
  file: Uint8Array,
  inputs: readonly Int8Array[],
): readonly Uint8Array[] {
  const pointer = bindings._malloc(file.length);
  bindings.HEAPU8.set(file, pointer);
  const model = bindings.loadModel(environment, pointer, file.length);
  const compiled = bindings.compileModel(environment, model, {
    environment,
    accelerator: "wasm",
    cpuOptions: { numThreads: 1 },
    gpuOptions: {},
    webNNOptions: {},
  });
  const type = model.getInputTensorType(0, 0);
  const input = bindings.LiteRtTensorBuffer.createManaged(
    environment,
    bindings.LiteRtTensorBufferType.HOST_MEMORY,
    type,
    type.bytes(),
  );
  const { READ, WRITE } = bindings.LiteRtTensorBufferLockMode;
  const outputs = inputs.map((sample) => {
    const to = input.lock(WRITE);
    bindings.HEAPU8.set(new Uint8Array(sample.buffer, sample.byteOffset, sample.length), to);
    input.unlock();
    const [output] = compiled.run(0, [input]);
    const from = output!.lock(READ); // the network has one output
    const bytes = bindings.HEAPU8.slice(from, from + output!.packedSize());
    output!.unlock();
    output!.delete();
    return bytes;
  });
  for (const owned of [input, type, compiled, model]) owned.delete();
  bindings._free(pointer);
  return outputs;
}
