/** @file What Potstill asks of an inference runtime. `node.ts` and `web.ts` implement it. */

import type { DType, Shape, Tensor } from "../tensor/index.ts";

export interface SessionOptions {
  /**
   * threads for one operator; default 1. Results repeat byte for byte at any fixed number.
   * onnxruntime-web, in Node as in browsers, takes the first session's number for all sessions of
   * the runtime (`wasm-threads.ts`).
   */
  readonly threads?: number;
  /**
   * true: between two operators threads wait in a loop, which is quicker for a session that has the
   * machine to itself and spoils the others' time otherwise; default false. Means nothing with one
   * thread.
   */
  readonly busyWait?: boolean;
  /**
   * true: many runs are asked at once, and threads may compute a run each, with a copy of the model
   * each, rather than all of them one run; default false. onnxruntime-web has no copies.
   */
  readonly manyRuns?: boolean;
}

/** A tensor that stays where the runtime is: in a worker, later on a device. */
export interface Resident {
  readonly resident: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

export type Feeds = Readonly<Record<string, Tensor | Resident>>;

export interface RunResult {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** outputs that were asked to stay; release them when done */
  readonly kept: Readonly<Record<string, Resident>>;
}

/** A loaded model. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * @param keep outputs that stay in the runtime and come back as residents
   * @throws BackendError "backend/run"
   */
  readonly run: (feeds: Feeds, keep?: readonly string[]) => Promise<RunResult>;
  /**
   * Runs one after the other, asked together: to a worker they are one message, which costs as much
   * as a small run does.
   *
   * @returns the outputs of each
   * @throws BackendError "backend/run"
   */
  readonly runEach: (feeds: readonly Feeds[]) => Promise<readonly RunResult["outputs"][]>;
  /**
   * @returns milliseconds of each of `runs` runs, measured where the session is, after a tenth as
   *   many to warm up
   */
  readonly time: (feeds: Feeds, runs: number) => Promise<readonly number[]>;
  readonly dispose: () => Promise<void>;
}

/**
 * Which operators a provider has: all that Potstill emits, or WebGPU's, which lack Loop, LogSoftmax
 * and the bit operators. Training there runs one step at a time, in other forms.
 */
export type Kernels = "all" | "webgpu";

export interface Runtime {
  /** "onnxruntime-node" or "onnxruntime-web" */
  readonly name: string;
  readonly version: string;
  readonly kernels: Kernels;
  /**
   * channels in a block of the layout that the runtime's own convolutions use on this machine; 0 if
   * it has no such layout. Training compiles convolutions for it.
   */
  readonly convolutionBlock: number;
  /**
   * @throws BackendError "backend/load" if the runtime refuses the model; as all that is asked of
   *   a runtime in a worker: "backend/closed" after `close`, "backend/crashed" if the worker has
   *   ended by itself
   */
  readonly load: (model: Uint8Array, options?: SessionOptions) => Promise<Session>;
  /** puts a host tensor where the runtime is */
  readonly keep: (tensor: Tensor) => Promise<Resident>;
  readonly fetch: (resident: Resident) => Promise<Tensor>;
  readonly release: (residents: Iterable<Resident>) => Promise<void>;
  /**
   * Ends the worker, if there is one: what it has not yet answered is rejected ("backend/closed").
   */
  readonly close: () => Promise<void>;
}
