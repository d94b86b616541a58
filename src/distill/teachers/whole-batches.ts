/** @file Cuts samples into runs of a model that always takes as many at once. */

import { type SampleDType, sampleDType } from "../../data/index.ts";
import { allocate, type DataOf } from "../../engine/tensor/index.ts";

type Samples = DataOf[SampleDType];

/** What a model takes at once. */
export interface RunSize {
  /** samples in a run */
  readonly batchSize: number;
  /** elements in a sample */
  readonly sampleSize: number;
}

/**
 * @returns runs of `batchSize` samples, the last one filled up with its last sample; `count` are
 *   asked for
 */
export function* wholeBatches(
  samples: Samples,
  { batchSize, sampleSize }: RunSize,
): Generator<{ readonly data: Samples; readonly count: number }> {
  const length = batchSize * sampleSize;
  for (let from = 0; from < samples.length; from += length) {
    const part = samples.subarray(from, from + length);
    yield { data: padded(part, length, sampleSize), count: part.length / sampleSize };
  }
}

/** @returns the samples, the last one repeated up to `length` elements */
function padded(samples: Samples, length: number, sampleSize: number): Samples {
  if (samples.length === length) return samples;
  const all = allocate(sampleDType(samples), length);
  all.set(samples);
  const last = samples.subarray(samples.length - sampleSize);
  for (let at = samples.length; at < length; at += sampleSize) all.set(last, at);
  return all;
}
