/** @file One student trained from a soft-label package: the teacher is not needed, nor asked. */

import { alignSoftLabels, type Dataset, knownClasses, type SoftLabels } from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import type { Job } from "./job.ts";
import { assertLearning, hasLabels } from "./learning-rules.ts";
import { assertDistillationOptions } from "./option-names.ts";
import { viewsOf } from "./sample-reader.ts";
import { checkStoredOrder } from "./self-checks/soft-label-order.ts";
import { checkLogits } from "./self-checks/teacher.ts";
import { assertLabelledViews, assertNeedsNoTeacher } from "./soft-label-rules.ts";
import { startWeights } from "./student-start.ts";
import { assertPackageClasses } from "./teacher-source.ts";
import type { Views } from "./training/dataset-feed.ts";
import type { Model } from "./training/model-file.ts";
import type { DistillationSpec, TrainingSpec } from "./training-spec.ts";

export interface PackageJobOptions {
  /** place in the store */
  readonly id: string;
  readonly softLabels: SoftLabels;
  /** samples of the package, or of the data that it labels */
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly student: NetworkSpec;
  readonly training: TrainingSpec;
  readonly distillation?: DistillationSpec;
  readonly seed: number;
  /** names of the classes that the package's teacher knows, where not all of the data's */
  readonly teacherClasses?: readonly string[] | undefined;
  /** a model to start from, as a run has it */
  readonly start?: Model | undefined;
}

/**
 * The job that a distillation run has for its distilled student with this seed: the same weights
 * come out, byte for byte, where package, parts and settings are the same.
 *
 * @throws DataError "package/class-mismatch", "package/missing-sample"; as knownClasses and
 *   assertStartModel; ConfigError "config/conflict" for an augmentation that the package is
 *   without, for `live` and features, and for weights under which nothing is learned;
 *   "config/unknown-name", "config/type" for options of the distillation; RunError
 *   "check/J5", "check/J6" for a package whose numbers are no logits, or not those of its samples
 */
export function packageJob(options: PackageJobOptions): Job {
  const { id, softLabels, train, validation, student, training, distillation, seed } = options;
  const { teacherClasses, start } = options;
  assertPackageClasses(softLabels, knownClasses(teacherClasses, train.classNames));
  const views = packageViews(softLabels);
  const isPaired = softLabels.manifest.teacherInputs !== undefined;
  assertLabelledViews(`training of ${id}`, training.augmentation, views, isPaired);
  assertDistillationOptions(distillation ?? {});
  assertNeedsNoTeacher(`training of ${id}`, distillation);
  assertLearning(distillation, hasLabels(train));
  const rows = alignSoftLabels(softLabels, train);
  assertSound(softLabels, train, rows);
  const soft = { softLabels, rows, spec: distillation ?? {}, views };
  const own = start && startWeights(start, { network: student, train, seed });
  return {
    ...{ id, network: student, train, validation, training, seed, soft },
    ...(own && { start: own }),
  };
}

/** Pairs that are known to be sound: every student of a package asks. */
const sound = new WeakMap<SoftLabels, WeakSet<Dataset>>();

function assertSound(softLabels: SoftLabels, dataset: Dataset, rows: Int32Array): void {
  const known = sound.get(softLabels) ?? new WeakSet();
  if (known.has(dataset)) return;
  checkLogits(softLabels);
  checkStoredOrder({ dataset, softLabels, rows });
  sound.set(softLabels, known.add(dataset));
}

/** @returns the views that the package labels; undefined if it labels the samples as they are */
export function packageViews(softLabels: SoftLabels): Views | undefined {
  const { augmentation, ...views } = viewsOf(softLabels);
  if (augmentation === null) return undefined;
  return { augmentation, ...views, count: softLabels.manifest.views.count };
}
