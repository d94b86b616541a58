/**
 * @file Biases of classes that a student was not shown: chosen on validation, kept in its weights.
 */

import type { Dataset } from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import { accuracy, perClassBias, sharedClassBias, withBias } from "../evaluate/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { type Model, networkOf } from "../train/index.ts";
import type { JobResult } from "./job.ts";
import { modelLogits } from "./model-logits.ts";

/**
 * How biases are chosen: one number for all classes without samples, or one for each class.
 */
export const biasCorrections = ["shared", "perClass"] as const;
export type BiasCorrection = (typeof biasCorrections)[number];

/** A training's result with corrected biases, and what was added to each class's logit. */
export interface Corrected {
  readonly result: JobResult;
  readonly bias: readonly number[];
}

/**
 * Adds to the biases of the output layer what makes the student best on the validation split. The
 * test split is not looked at.
 *
 * @param withheld classes without training samples
 * @throws ConfigError "config/conflict" for a network whose last layer has no bias; DataError
 *   "data/classes" if a class does not occur in the validation split, for "perClass"
 */
export async function correctBias(
  result: JobResult,
  method: BiasCorrection,
  withheld: readonly number[],
  { runtime, validation }: { readonly runtime: Runtime; readonly validation: Dataset },
): Promise<Corrected> {
  const logits = await modelLogits(runtime, result.model, validation);
  const { labels, classNames } = validation;
  const bias =
    method === "perClass"
      ? Array.from(perClassBias(logits, labels))
      : raisedBy(sharedClassBias(logits, labels, withheld), withheld, classNames.length);
  const validationAccuracy = accuracy(withBias(logits, bias), labels);
  const model = withOutputBias(result.model, bias);
  return { result: { ...result, model, validationAccuracy }, bias };
}

function raisedBy(shift: number, raised: readonly number[], classes: number): readonly number[] {
  return Array.from({ length: classes }, (_, label) => (raised.includes(label) ? shift : 0));
}

/** @returns the model with `bias` added to its logits, by the biases of its last layer */
export function withOutputBias(model: Model, bias: readonly number[]): Model {
  const last = networkOf(model).parameters.at(-1);
  const tensor = last && model.weights.get(last.name);
  if (
    last?.role !== "bias" ||
    last.shape.length !== 1 ||
    !(tensor?.data instanceof Float32Array) ||
    tensor.data.length !== bias.length
  )
    throw new ConfigError("config/conflict", {
      where: "transfer.biasCorrection",
      rule: "the network must end in a layer with one bias for each class",
      got: `${model.spec.family}, which ends in ${last?.name ?? "nothing"}`,
      fix: "Leave biasCorrection out, or choose another network",
    });
  const data = tensor.data.map((value, label) => value + bias[label]!); // as many as classes
  const raised = { dtype: "float32", shape: last.shape, data } as const;
  return { ...model, weights: new Map([...model.weights, [last.name, raised]]) };
}
