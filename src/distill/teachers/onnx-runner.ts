/** @file Runs samples through a foreign ONNX model, always as many at once. */

import type { SampleDType } from "../../data/index.ts";
import type { Session } from "../../runtime/index.ts";
import type { DataOf } from "../../tensor/index.ts";
import type { OnnxInput } from "./onnx-input.ts";
import { type OutputFacts, outputRows } from "./onnx-values.ts";
import type { Rows } from "./output-values.ts";
import { type RunSize, wholeBatches } from "./whole-batches.ts";

export interface RunnerPlan extends RunSize {
  readonly input: OnnxInput;
  /** name of the tensor to read */
  readonly tensor: string;
  readonly facts: OutputFacts;
}

/**
 * @returns the function from whole samples, any number of them, to the numbers that the model gives
 */
export function onnxRunner(
  session: Session,
  { input, tensor, facts, ...size }: RunnerPlan,
): (samples: DataOf[SampleDType]) => Promise<Rows> {
  return async (samples) => {
    const runs = [...wholeBatches(samples, size)];
    const outputs = await session.runEach(
      runs.map(({ data }) => ({ [input.name]: input.feed(data) })),
    );
    return joinRows(
      runs.map(({ count }, at) => outputRows(outputs[at]![tensor]!, count, facts)), // one each, an output
    );
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
