/** @file The class that a model names for each sample. */

import { assertRows } from "./scored-samples.ts";

/**
 * argmax of each row. The first of equal largest scores wins.
 *
 * @param logits float32 [samples, classes], row-major
 * @returns int32 [samples]
 */
export function predictions(logits: Float32Array, classes: number): Int32Array {
  assertRows("predictions", logits, classes);
  const named = new Int32Array(logits.length / classes);
  for (let sample = 0; sample < named.length; sample++) {
    const start = sample * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[start + c]! > logits[start + best]!) best = c;
    named[sample] = best;
  }
  return named;
}
