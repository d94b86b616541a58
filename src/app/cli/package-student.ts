/** @file A student that is trained from soft labels, as a recipe says: by train and by sweep. */

import { type Dataset, type SoftLabels, withoutLabels } from "../../data/index.ts";
import type { Model } from "../../distill/index.ts";
import {
  assertCorrectable,
  correctBias,
  type Job,
  type JobResult,
  packageJob,
} from "../../distill/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { type DataParts, type Recipe, teacherClassesOf } from "../spec/index.ts";

/** What tells a recipe's trainings apart. */
export interface StudentJobOptions {
  /** place in the store */
  readonly id: string;
  readonly network: NetworkSpec;
  readonly parts: DataParts;
  readonly seed: number;
  /** already combined; null for hard labels alone */
  readonly softLabels: SoftLabels | null;
  /** what it starts from instead of drawn weights */
  readonly start?: Model | undefined;
}

/**
 * @returns the job that a distillation run has for its student: of the samples and labels that
 *   `transfer` leaves it
 * @throws as packageJob; ConfigError, DataError for a `transfer.biasCorrection` that cannot be
 */
export function studentJob(recipe: Recipe, options: StudentJobOptions): Job {
  const { id, network, parts, seed, softLabels, start } = options;
  const { transfer, distillation } = recipe;
  const { train, validation, withheld } = parts;
  const threads = recipe.training.threads ?? recipe.threads ?? 1;
  const training = { ...recipe.training, threads };
  const common = { id, validation, training, seed };
  const job = { ...common, network, train };
  if (transfer?.biasCorrection !== undefined)
    assertCorrectable(job, transfer.biasCorrection, withheld);
  if (softLabels === null) return job;
  return packageJob({
    ...common,
    softLabels,
    train: transfer?.labels === "none" ? unlabelled(train) : train,
    student: network,
    teacherClasses: teacherClassesOf(recipe.teacher),
    start,
    ...(distillation && { distillation }),
  });
}

/** One data set for all students of a part: what is known of it is known for all. */
const unlabelledParts = new WeakMap<Dataset, Dataset>();

function unlabelled(train: Dataset): Dataset {
  const found = unlabelledParts.get(train) ?? withoutLabels(train);
  unlabelledParts.set(train, found);
  return found;
}

/** @returns the result, its class biases corrected if the recipe says so. @throws as correctBias */
export async function correctedStudent(
  result: JobResult,
  { transfer }: Recipe,
  { validation, withheld }: DataParts,
  runtime: Runtime,
): Promise<JobResult> {
  const method = transfer?.biasCorrection;
  if (method === undefined) return result;
  return (await correctBias(result, method, withheld, { runtime, validation })).result;
}
