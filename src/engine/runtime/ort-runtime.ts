/**
 * @file A runtime over the interface that onnxruntime-node and onnxruntime-web share, in the thread
 * that calls it.
 */

import { BackendError } from "../../errors/index.ts";
import { type DType, isDType, type Tensor } from "../tensor/index.ts";
import type {
  Feeds,
  Kernels,
  Resident,
  RunResult,
  Runtime,
  Session,
  SessionOptions,
} from "./runtime.ts";

/** The part of onnxruntime's tensors that we use. */
interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** The part of onnxruntime's sessions that we use. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly run: (feeds: Record<string, OrtTensor>) => Promise<Record<string, OrtTensor>>;
  readonly release: () => Promise<void>;
}

/** One of the onnxruntime packages. */
export interface OrtBackend {
  readonly name: string;
  readonly version: string;
  readonly kernels: Kernels;
  /** see Runtime; default 0: no blocked layout */
  readonly convolutionBlock?: number;
  readonly makeTensor: (tensor: Tensor) => OrtTensor;
  readonly createSession: (model: Uint8Array, options: SessionOptions) => Promise<OrtSession>;
}

function fromOrt(tensor: OrtTensor): Tensor {
  if (!isDType(tensor.type))
    throw new BackendError("backend/run", {
      where: "runtime",
      rule: "outputs must be tensors of a known element type",
      got: tensor.type,
      fix: "Cast the output inside the model",
    });
  // onnxruntime pairs each element type with the typed array that DataOf names.
  return { dtype: tensor.type, shape: [...tensor.dims], data: tensor.data as Tensor["data"] };
}

/** Tensors that stay on this side, by number. */
interface Residents {
  readonly keep: (tensor: OrtTensor) => Resident;
  /** @throws BackendError "backend/released" */
  readonly get: (resident: Resident) => OrtTensor;
  readonly release: (list: Iterable<Resident>) => void;
  readonly clear: () => void;
}

function makeResidents(): Residents {
  const tensors = new Map<number, OrtTensor>();
  let next = 0;
  return {
    keep: (tensor) => {
      const resident = next++;
      tensors.set(resident, tensor);
      // onnxruntime's element type names are our dtype names
      return { resident, dtype: tensor.type as DType, shape: [...tensor.dims] };
    },
    get: ({ resident }) => {
      const tensor = tensors.get(resident);
      if (tensor === undefined)
        throw new BackendError("backend/released", {
          where: "runtime",
          rule: "a resident tensor must not be used after its release",
          got: `resident ${resident}`,
        });
      return tensor;
    },
    release: (list) => {
      for (const { resident } of list) tensors.delete(resident);
    },
    clear: () => tensors.clear(),
  };
}

/** @returns a runtime that keeps residents as onnxruntime tensors */
export function ortRuntime(backend: OrtBackend): Runtime {
  const residents = makeResidents();
  return {
    name: backend.name,
    version: backend.version,
    kernels: backend.kernels,
    convolutionBlock: backend.convolutionBlock ?? 0,
    load: async (model, options = {}) => {
      const session = await failAs("backend/load", "load", () =>
        backend.createSession(model, options),
      );
      return ortSession(session, backend, residents);
    },
    keep: async (tensor) => residents.keep(backend.makeTensor(tensor)),
    fetch: async (resident) => fromOrt(residents.get(resident)),
    release: async (list) => residents.release(list),
    close: async () => residents.clear(),
  };
}

function ortSession(session: OrtSession, backend: OrtBackend, residents: Residents): Session {
  const { inputNames, outputNames } = session;
  const run = async (feeds: Feeds, keep: readonly string[] = []): Promise<RunResult> => {
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [
        name,
        "resident" in value ? residents.get(value) : backend.makeTensor(value),
      ]),
    );
    const results = Object.entries(await failAs("backend/run", "run", () => session.run(fed)));
    return {
      outputs: Object.fromEntries(
        results.filter(([name]) => !keep.includes(name)).map(([name, t]) => [name, fromOrt(t)]),
      ),
      kept: Object.fromEntries(
        results
          .filter(([name]) => keep.includes(name))
          .map(([name, t]) => [name, residents.keep(t)]),
      ),
    };
  };
  const runEach = async (feeds: readonly Feeds[]): Promise<readonly RunResult["outputs"][]> => {
    const all: RunResult["outputs"][] = [];
    for (const each of feeds) all.push((await run(each)).outputs);
    return all;
  };
  const time = async (feeds: Feeds, runs: number): Promise<readonly number[]> => {
    const times: number[] = [];
    for (let index = -Math.ceil(runs / 10); index < runs; index++) {
      const start = performance.now();
      await run(feeds);
      if (index >= 0) times.push(performance.now() - start);
    }
    return times;
  };
  return { inputNames, outputNames, run, runEach, time, dispose: () => session.release() };
}

async function failAs<T>(code: string, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof BackendError) throw cause; // it says better what is wrong
    throw new BackendError(code, {
      where: "runtime",
      rule: `the runtime could not ${verb} the model`,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: "If Potstill made the model, please report it; if not, check the file in another ONNX tool",
      cause,
    });
  }
}
