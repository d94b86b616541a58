/** @file What of a run can be refused before any work. */

import {
  assertDisjoint,
  assertGroupsApart,
  assertOfOneKind,
  type Dataset,
  knownClasses,
  knownSamples,
  softLabelPrecisions,
  UNLABELLED,
} from "../data/index.ts";
import { schedule } from "../engine/optim/index.ts";
import { assertInRange, ConfigError, DataError, unknownName } from "../errors/index.ts";
import { assertGenerated } from "./data-free/assert-generated.ts";
import { assertViews } from "./label.ts";
import { assertLearning, hasLabels } from "./learning-rules.ts";
import { assertRunOptions } from "./option-names.ts";
import { type ArmName, armNames, type DistillOptions } from "./options.ts";
import { assertRecognizable, candidatesOf } from "./recognition/index.ts";
import { teacherSize } from "./run-checks.ts";
import { assertPlainPairs } from "./sample-reader.ts";
import { planSearch, type SearchPlan } from "./search/plan-search.ts";
import { assertLabelledViews, assertNeedsNoTeacher } from "./soft-label-rules.ts";
import { assertStudentStart } from "./student-start.ts";
import { assertOwnData, assertTeacherSource } from "./teacher-source.ts";
import { assertSignal } from "./teachers/retry.ts";

/** Options with what is left out filled in. */
export interface RunPlan {
  readonly arms: readonly ArmName[];
  readonly seeds: readonly number[];
  /** names of the classes that the teacher knows; undefined where these are the data's */
  readonly teacherClasses: readonly string[] | undefined;
  readonly search: SearchPlan | undefined;
}

const defaultSeeds = [1, 2, 3, 4, 5] as const;

/**
 * @throws DataError "data/leak", "data/classes", "data/unlabelled", and as assertOfOneKind;
 *   ConfigError "config/range", "config/conflict"
 */
export function planRun(options: DistillOptions): RunPlan {
  const { arms = armNames, seeds = defaultSeeds, data } = options;
  assertRunOptions(options);
  assertSignal(options.signal);
  assertClasses(data.train);
  const teacherClasses = knownClasses(options.teacherClasses, data.train.classNames);
  const { generated, whole } = options.transfer ?? {};
  if (generated !== undefined)
    assertGenerated(generated, { ...options, teacherClasses }, { ...data, whole });
  for (const name of ["validation", "test"] as const) {
    assertLabelled(data[name]);
    assertOfOneKind(data.train, data[name], name);
  }
  assertDisjoint({ train: data.train, validation: data.validation, test: data.test });
  const { train, validation, test } = data;
  for (const pair of [
    { train, validation },
    { train, test },
    { validation, test },
  ])
    assertGroupsApart(pair);
  assertDistinct("arms", arms);
  assertDistinct("seeds", seeds);
  for (const arm of arms)
    if (!armNames.includes(arm)) throw unknownName("distillation", "arm", arm, armNames);
  for (const seed of seeds) assertInRange("distillation", { seed }, { from: 0, isInteger: true });
  assertTrained(options);
  assertRates("tuning", options.tuning?.learningRates);
  assertRates("convergence", options.convergence?.learningRates);
  assertTogether(options, arms);
  assertHardLabels(options, arms);
  assertTeacherSource(options.teacher, data, teacherClasses);
  assertJudged(data.test, teacherClasses);
  assertStudentStart(options);
  assertOwnData(whole, data);
  assertRecognition({ ...options, teacherClasses });
  const search =
    options.search &&
    planSearch(options.search, {
      student: options.student,
      train: data.train,
      epochs: options.training.epochs,
      maxParameters: options.allowLargerStudent ? undefined : (teacherSize(options) ?? undefined),
    });
  return { arms, seeds, teacherClasses, search };
}

/** @throws DataError "data/classes" for a test part without a sample that the teacher knows */
function assertJudged(test: Dataset, teacherClasses: readonly string[] | undefined): void {
  if (knownSamples(test.labels, { ...test, teacherClasses })?.length !== 0) return;
  throw new DataError("data/classes", {
    where: test.name,
    rule: "the teacher is judged by test samples of the classes that it knows",
    got: `none of ${teacherClasses?.join(", ")}`,
    fix: "Give such test samples, or train the student alone: potstill label, potstill train",
  });
}

/** What a run without it would be: views that are all one, a grid or a loss that never acts. */
function assertTrained(options: DistillOptions): void {
  const { labels, training, distillation, transfer, data } = options;
  const { views: count = 1, augmentation = null, precision = "float16", seed = 0 } = labels ?? {};
  assertViews({ count, augmentation });
  if (options.teacher.kind !== "softLabels") assertPlainPairs(data.train, { augmentation });
  assertInRange("labels", { seed }, { from: 0, isInteger: true });
  if (!softLabelPrecisions.includes(precision))
    throw unknownName("labels", "precision", precision, softLabelPrecisions);
  const { epochs, quantizationAware } = training;
  if (quantizationAware?.startEpoch !== undefined)
    assertInRange(
      "training.quantizationAware",
      { startEpoch: quantizationAware.startEpoch },
      { from: 0, below: epochs, isInteger: true },
    );
  assertLearning(distillation, transfer?.labels !== "none" && hasLabels(data.train));
}

function assertRecognition({ recognition, data, teacherClasses }: DistillOptions): void {
  if (recognition === undefined) return;
  if (teacherClasses !== undefined)
    throw new ConfigError("config/conflict", {
      where: "teacher.classes",
      rule: "words are decoded from scores of all classes",
      got: `a teacher of ${teacherClasses.join(", ")} alone`,
      fix: "Leave the decoder out, or use a teacher of all classes",
    });
  candidatesOf(recognition);
  for (const part of [data.validation, data.test]) assertRecognizable(recognition.recognizer, part);
}

/** @throws DataError "data/classes" for fewer than two */
export function assertClasses({ name, classNames }: DistillOptions["data"]["train"]): void {
  if (classNames.length >= 2) return;
  throw new DataError("data/classes", {
    where: name,
    rule: "there must be at least two classes to tell apart",
    got: classNames.join(", ") || "none",
    fix: "Name the column of the classes (data.label), or give samples of another class too",
    details: { classNames },
  });
}

/** @throws DataError "data/unlabelled" for validation or test samples without a class */
export function assertLabelled({ name, labels }: DistillOptions["data"]["test"]): void {
  if (!labels.includes(UNLABELLED)) return;
  throw new DataError("data/unlabelled", {
    where: name,
    rule: "validation and test samples need labels",
    got: "samples without label",
    fix: "Label them, or keep them for training; where words are counted every frame needs a label",
  });
}

function assertDistinct(name: string, values: readonly (string | number)[]): void {
  if (!Array.isArray(values))
    throw new ConfigError("config/type", {
      where: "distillation",
      rule: `${name} must be a list`,
      got: String(values),
      fix: `Write for example ${name}: [${String(values)}]`,
    });
  if (values.length > 0 && new Set(values).size === values.length) return;
  throw new ConfigError("config/range", {
    where: "distillation",
    rule: `${name} must be one or more, all different`,
    got: values.length === 0 ? "none" : values.join(", "),
    fix: `Correct ${name}`,
    details: { [name]: values },
  });
}

function assertRates(name: "tuning" | "convergence", rates: readonly number[] = []): void {
  if (rates.length > 0) assertDistinct("learningRates", rates);
  for (const rate of rates) schedule(rate, `${name}.learningRates`);
}

function assertTogether(options: DistillOptions, arms: readonly ArmName[]): void {
  const { teacher, training, labels, precisions, distillation } = options;
  if (precisions === true && !arms.includes("distilled"))
    throw new ConfigError("config/conflict", {
      where: "distillation",
      rule: "precisions compares distilled students",
      got: `arms ${arms.join(", ")}`,
      fix: "Add the arm distilled, or leave precisions out",
    });
  if (teacher.kind === "softLabels") assertNeedsNoTeacher("distillation", distillation);
  const manifest = teacher.kind === "softLabels" ? teacher.softLabels.manifest : undefined;
  const views = manifest?.views ?? labels;
  const isPaired = (manifest ?? options.data.train).teacherInputs !== undefined;
  if (arms.includes("distilled"))
    assertLabelledViews("distillation", training.augmentation, views?.augmentation, isPaired);
}

/** @throws ConfigError "config/conflict" for students of hard labels where no sample has one */
function assertHardLabels(
  { data: { train }, convergence }: DistillOptions,
  arms: readonly ArmName[],
): void {
  const hard = arms.filter((arm) => arm !== "distilled");
  const asked = convergence === undefined ? hard : [...hard, "convergence"];
  if (asked.length === 0 || hasLabels(train)) return;
  throw new ConfigError("config/conflict", {
    where: "distillation, arms",
    rule: "students of hard labels need a sample that has one",
    got: `${asked.join(", ")} on ${train.name}, whose samples have none`,
    fix: "Compare with nothing: arms: [distilled]",
  });
}
