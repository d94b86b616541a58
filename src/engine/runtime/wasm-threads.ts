/** @file How many threads onnxruntime-web has: one number for all sessions of a runtime. */

/** The part of its settings, `env.wasm`, that we use. */
export interface WasmSettings {
  numThreads?: number;
}

/**
 * Asks for threads before a session is made. onnxruntime-web reads the number once, when its module
 * starts with the first session: later sessions of the worker, or of all runtimes in the caller's
 * thread, run on as many. So a number that stands there, an earlier session's or one that the
 * program set itself, is left as it is.
 *
 * @param threads 1 or more; 1 keeps the module from starting any beside the one that it runs in
 */
export function askForThreads(settings: WasmSettings, threads: number): void {
  settings.numThreads ??= threads;
}
