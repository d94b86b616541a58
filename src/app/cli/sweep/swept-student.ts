/** @file The network that a point of a sweep trains, and what of it is refused at once. */

import {
  assertCorrectable,
  assertLabelledViews,
  assertLearning,
  assertNeedsNoTeacher,
  hasLabels,
} from "../../../distill/index.ts";
import { buildNetwork, type NetworkSpec } from "../../../engine/nn/index.ts";
import { ConfigError } from "../../../errors/index.ts";
import { type Recipe, teacherClassesOf } from "../../spec/index.ts";
import type { PreparedData } from "../prepare.ts";

/**
 * @throws ConfigError "config/conflict" for a recipe that searches its student, starts it from a
 *   model, or has a teacher of some classes
 */
export function sweptStudent({
  student,
  teacher,
}: Pick<Recipe, "student" | "teacher">): NetworkSpec {
  if (teacherClassesOf(teacher) !== undefined || "start" in student)
    throw new ConfigError("config/conflict", {
      where: "sweep",
      rule: "a sweep compares students of a teacher that knows all classes, from drawn weights on",
      got: "start" in student ? "student.start" : "teacher.classes",
      fix: "Run the recipe with potstill distill, whose tuning tries learning rates",
    });
  if ("family" in student && !("search" in student)) return student;
  throw new ConfigError("config/conflict", {
    where: "sweep, student",
    rule: "a sweep needs a student that is named; search looks for one by itself",
    got: "student.search",
    fix: "Leave search out and sweep student.width, or run the recipe with potstill distill",
  });
}

function notSwept(): ConfigError {
  return new ConfigError("config/conflict", {
    where: "sweep, transfer.generated",
    rule: "a sweep's teachers label samples of the data",
    got: "samples that are made from the teacher",
    fix: "Run each point with potstill distill, or leave transfer.generated out",
  });
}

/**
 * Refuses before a sweep's first training what the training of this point would refuse.
 *
 * @throws ConfigError, ShapeError, DataError for its student and what shall be done with it
 */
export function assertTrainable(recipe: Recipe, { parts, softLabels }: PreparedData): void {
  const { training, labels, transfer, distillation } = recipe;
  assertNeedsNoTeacher("sweep, whose students train from packages", distillation);
  const { train, validation, withheld } = parts;
  assertLearning(distillation, transfer?.labels !== "none" && hasLabels(train));
  const network = sweptStudent(recipe);
  if (transfer?.generated !== undefined) throw notSwept();
  buildNetwork(network, train.shape, train.classNames.length);
  const views = softLabels === null ? labels : softLabels.manifest.views;
  const isPaired = (softLabels?.manifest ?? train).teacherInputs !== undefined;
  const where = "sweep, training.augmentation";
  assertLabelledViews(where, training.augmentation, views?.augmentation, isPaired);
  if (transfer?.biasCorrection !== undefined)
    assertCorrectable({ network, train, validation, training }, transfer.biasCorrection, withheld);
}
