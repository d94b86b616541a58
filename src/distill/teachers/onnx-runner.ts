/** @file Runs samples through a foreign ONNX model, always as many at once. */

import { type SampleDType, sampleDType } from "../../data/index.ts";
import type { Session } from "../../runtime/index.ts";
import { allocate, type DataOf } from "../../tensor/index.ts";
import type { OnnxInput } from "./onnx-input.ts";
import { type OutputFacts, outputRows } from "./onnx-values.ts";
import type { Rows } from "./output-values.ts";

export interface RunnerPlan {
  readonly input: OnnxInput;
  /** name of the tensor to read */
  readonly tensor: string;
  /** samples in a run */
  readonly batchSize: number;
  /** elements in a sample */
  readonly sampleSize: number;
  readonly facts: OutputFacts;
}

type Samples = DataOf[SampleDType];

/**
 * @returns the function from whole samples, any number of them, to the numbers that the model gives
 */
export function onnxRunner(
  session: Session,
  { input, tensor, batchSize, sampleSize, facts }: RunnerPlan,
): (samples: Samples) => Promise<Rows> {
  return async (samples) => {
    const parts: Rows[] = [];
    for (let from = 0; from < samples.length; from += batchSize * sampleSize) {
      const whole = samples.length === batchSize * sampleSize;
      const part = whole ? samples : samples.slice(from, from + batchSize * sampleSize);
      const feeds = { [input.name]: input.feed(padded(part, batchSize * sampleSize, sampleSize)) };
      const { outputs } = await session.run(feeds);
      parts.push(outputRows(outputs[tensor]!, part.length / sampleSize, facts)); // it is an output
    }
    return joinRows(parts);
  };
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

function joinRows(parts: readonly Rows[]): Rows {
  const [first] = parts;
  if (first === undefined || parts.length === 1)
    return first ?? { values: new Float32Array(0), classes: 1 };
  const length = parts.reduce((total, { values }) => total + values.length, 0);
  const isDouble = first.values instanceof Float64Array;
  const values = isDouble ? new Float64Array(length) : new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { values, classes: first.classes };
}
