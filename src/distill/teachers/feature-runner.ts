/** @file Runs samples through a session that gives inner values, always as many at once. */

import type { SampleDType } from "../../data/index.ts";
import type { Feeds, Session } from "../../engine/runtime/index.ts";
import { type DataOf, elementCount, type Shape } from "../../engine/tensor/index.ts";
import { type RunSize, wholeBatches } from "./whole-batches.ts";

export interface FeaturePlan extends RunSize {
  readonly feed: (samples: DataOf[SampleDType]) => Feeds;
  /** outputs to read, float32 [batch, ...shape] each */
  readonly tensors: readonly string[];
  /** of one sample, one for each of them */
  readonly shapes: readonly Shape[];
}

/** @returns the function from whole samples, any number of them, to each tensor's values */
export function featureRunner(
  session: Session,
  { feed, tensors, shapes, ...size }: FeaturePlan,
): (samples: DataOf[SampleDType]) => Promise<readonly Float32Array[]> {
  const widths = shapes.map(elementCount);
  return async (samples) => {
    const total = samples.length / size.sampleSize;
    const all = widths.map((width) => new Float32Array(total * width));
    let done = 0;
    for (const { data, count } of wholeBatches(samples, size)) {
      const { outputs } = await session.run(feed(data));
      for (const [at, name] of tensors.entries()) {
        const values = outputs[name]!.data as Float32Array; // float32, as the plan says
        all[at]!.set(values.subarray(0, count * widths[at]!), done * widths[at]!);
      }
      done += count;
    }
    return all;
  };
}
