/**
 * @file Decodes recordings in worker threads, so that both cores decode and trainings go on meanwhile. This file is the
 * worker's too.
 */

import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { decodeRecordings } from "potstill/speech";

/**
 * @param {{loop: WordLoop, priors: Float64Array}} recognizer
 * @param count worker threads
 * @returns {{decode: (logits: Float32Array, weights: object) => Promise<readonly string[]>, close: () => Promise<void>}}
 *   decode takes float32 [frames, states] of one recording and gives its words
 */
export function openDecoder(recognizer, count) {
  const file = fileURLToPath(import.meta.url);
  const workers = Array.from({ length: count }, () => new Worker(file, { workerData: recognizer }));
  const waiting = workers.map(() => []); // answers come in the order of the questions
  workers.forEach((worker, at) => {
    worker.unref();
    worker.on("message", (words) => waiting[at].shift().resolve(words));
    worker.on("error", (error) => waiting[at].splice(0).forEach(({ reject }) => reject(error)));
  });
  const decode = (logits, weights) =>
    new Promise((resolve, reject) => {
      const shortest = Math.min(...waiting.map(({ length }) => length));
      const at = waiting.findIndex(({ length }) => length === shortest);
      waiting[at].push({ resolve, reject });
      workers[at].postMessage({ logits, weights });
    });
  return { decode, close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))) };
}

if (!isMainThread && workerData?.loop) {
  const { loop, priors } = workerData;
  parentPort.on("message", ({ logits, weights }) => {
    const [{ words }] = decodeRecordings(loop, logits, [logits.length / loop.stateCount], { priors, ...weights });
    parentPort.postMessage(words);
  });
}
