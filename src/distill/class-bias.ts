/**
 * @file Biases of classes that a student was not shown: chosen on validation, kept in its weights.
 */

import type { Dataset } from "../data/index.ts";
import type { Network } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import { describeModel, type Job, type JobResult } from "./job.ts";
import { accuracy, perClassBias, sharedClassBias, withBias } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import { type Model, networkOf } from "./training/model-file.ts";

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
  const bias = biasOf(method, logits, withheld, validation);
  const validationAccuracy = accuracy(withBias(logits, bias), validation.labels);
  const model = withOutputBias(result.model, bias);
  return { result: { ...result, model, validationAccuracy }, bias };
}

/**
 * Refuses before a training what `correctBias` would refuse after it, and what it cannot know of.
 *
 * @param withheld classes without training samples
 * @throws ConfigError "config/conflict" for a student trained on its int8 grid, and for "shared"
 *   without such classes; DataError "data/classes" for "shared" without validation samples of them;
 *   as correctBias
 */
export function assertCorrectable(
  { network, train, validation, training }: Omit<Job, "id" | "seed" | "soft" | "start">,
  method: BiasCorrection,
  withheld: readonly number[],
): void {
  const refuse = (rule: string, got: string, fix: string): never => {
    throw new ConfigError("config/conflict", { where: "transfer.biasCorrection", rule, got, fix });
  };
  if (training.quantizationAware !== undefined)
    refuse(
      "a quantised student's ranges do not hold for corrected biases",
      "quantizationAware with biasCorrection",
      "Leave one of them out",
    );
  if (method === "shared" && withheld.length === 0)
    refuse(
      "a shared bias is that of classes without samples",
      "samples of every class",
      "Withhold a class, or use biasCorrection: perClass",
    );
  outputBias(describeModel({ network, train }));
  const { length, classNames } = validation;
  if (method === "shared" && !validation.labels.some((label) => withheld.includes(label)))
    throw new DataError("data/classes", {
      where: "transfer.biasCorrection",
      rule: "the bias of classes without training samples is chosen on validation samples of them",
      got: `none of ${withheld.map((label) => classNames[label]).join(", ")} in ${validation.name}`,
      fix: "Leave biasCorrection out, or give validation samples of these classes",
    });
  biasOf(method, new Float32Array(length * classNames.length), withheld, validation); // refuses labels
}

/** @param logits float32 [samples, classes]. @returns what to add to each class's logit */
function biasOf(
  method: BiasCorrection,
  logits: Float32Array,
  withheld: readonly number[],
  { labels, classNames }: Dataset,
): readonly number[] {
  return method === "perClass"
    ? Array.from(perClassBias(logits, labels))
    : raisedBy(sharedClassBias(logits, labels, withheld), withheld, classNames.length);
}

function raisedBy(shift: number, raised: readonly number[], classes: number): readonly number[] {
  return Array.from({ length: classes }, (_, label) => (raised.includes(label) ? shift : 0));
}

/** @returns the model with `bias` added to its logits, by the biases of its last layer */
export function withOutputBias(model: Model, bias: readonly number[]): Model {
  const { name, shape } = outputBias(model);
  const own = model.weights.get(name)!.data as Float32Array; // a parameter
  const data = own.map((value, label) => value + bias[label]!); // as many as classes
  const raised = { dtype: "float32", shape, data } as const;
  return { ...model, weights: new Map([...model.weights, [name, raised]]) };
}

/** @throws ConfigError "config/conflict" for a network whose last layer has none for each class */
function outputBias(model: Omit<Model, "weights">): Network["parameters"][number] {
  const { spec, classNames } = model;
  const last = networkOf(model).parameters.at(-1);
  if (last?.role === "bias" && last.shape.length === 1 && last.shape[0] === classNames.length)
    return last;
  throw new ConfigError("config/conflict", {
    where: "transfer.biasCorrection",
    rule: "the network must end in a layer with one bias for each class",
    got: `${spec.family}, which ends in ${last?.name ?? "nothing"}`,
    fix: "Leave biasCorrection out, or choose another network",
  });
}
