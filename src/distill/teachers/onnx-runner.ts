/** @file Runs samples through a foreign ONNX model, always as many at once. */

import type { SampleDType } from "../../data/index.ts";
import type { Session } from "../../engine/runtime/index.ts";
import type { DataOf } from "../../engine/tensor/index.ts";
import type { OnnxInput } from "./onnx-input.ts";
import { type OutputFacts, outputRows } from "./onnx-values.ts";
import type { Rows } from "./output-values.ts";
import { type RunSize, wholeBatches } from "./whole-batches.ts";

export interface RunnerPlan extends RunSize {
  readonly input: OnnxInput;
  /** name of the tensor to read */
  readonly tensor: string;
  readonly facts: OutputFacts;
  /** runs in one message to the runtime, at most */
  readonly together: number;
}

/**
 * @returns the function from whole samples, any number of them, to the numbers that the model gives
 */
export function onnxRunner(
  session: Session,
  { input, tensor, facts, together, ...size }: RunnerPlan,
): (samples: DataOf[SampleDType]) => Promise<Rows> {
  return async (samples) => {
    const runs = [...wholeBatches(samples, size)];
    const rows: Rows[] = [];
    for (let from = 0; from < runs.length; from += together) {
      const asked = runs.slice(from, from + together);
      const feeds = asked.map(({ data }) => ({ [input.name]: input.feed(data) }));
      for (const [at, outputs] of (await session.runEach(feeds)).entries())
        rows.push(outputRows(outputs[tensor]!, asked[at]!.count, facts)); // one each, an output
    }
    return joinRows(rows);
  };
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
