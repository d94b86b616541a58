/** @file What soft labels alone cannot give a student: the same words wherever it is refused. */

import type { Augmentation } from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import { noFeatures } from "./features/no-features.ts";
import type { DistillationSpec } from "./training-spec.ts";

/**
 * @param augmentation the training's
 * @param labelled the augmentation of the views that have soft labels, if they have one
 * @param isPaired the teacher saw other inputs, of which no views are labelled
 * @throws ConfigError "config/conflict" for an augmentation where the samples are labelled as they
 *   are: the student would see views that its teacher was never asked about
 */
export function assertLabelledViews(
  where: string,
  augmentation: Augmentation | undefined,
  labelled: unknown,
  isPaired: boolean,
): void {
  if (augmentation === undefined || labelled) return;
  throw new ConfigError("config/conflict", {
    where,
    rule: "the distilled student can only see views that the teacher has labelled, and training has an augmentation",
    got: "soft labels of the samples as they are",
    fix: isPaired
      ? "Leave it out of the training: where the teacher sees other inputs, samples are labelled as they are"
      : "Give the labels this augmentation and a number of views, or leave it out of the training",
  });
}

/**
 * @throws ConfigError "config/conflict" for a student that shall ask a teacher at every step, and
 *   for features
 */
export function assertNeedsNoTeacher(where: string, spec: DistillationSpec | undefined): void {
  if ((spec?.features ?? []).length > 0)
    throw noFeatures(`${where}, features`, "soft labels alone");
  if (spec?.live !== true) return;
  throw new ConfigError("config/conflict", {
    where,
    rule: "live asks the teacher at every step",
    got: "its soft labels alone",
    fix: "Give the teacher, or leave live out",
  });
}
