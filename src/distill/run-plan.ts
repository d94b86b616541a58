/** @file What can be refused before any work, and how many trainings the work will be. */

import { assertDisjoint, UNLABELLED } from "../data/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import { convergenceJobs } from "./convergence.ts";
import { assertWeightsFit, teacherJobs } from "./make-teacher.ts";
import { assertSumsParts, type LossTeacher, namedLoss } from "./named-loss.ts";
import { type ArmName, armNames, type DistillOptions } from "./options.ts";
import { precisionJobs } from "./precision.ts";
import { assertRecognizable, candidatesOf } from "./recognition/index.ts";
import { teacherSize } from "./run-checks.ts";
import { planSearch, type SearchPlan } from "./search/plan-search.ts";
import { searchJobs } from "./search/search-student.ts";
import { transferJobs } from "./transfer.ts";

/** Options with what is left out filled in. */
export interface RunPlan {
  readonly arms: readonly ArmName[];
  readonly seeds: readonly number[];
  readonly search: SearchPlan | undefined;
  /** trainings in the whole run */
  readonly jobs: number;
}

const defaultSeeds = [1, 2, 3, 4, 5] as const;

/**
 * @throws DataError "data/leak", "data/unlabelled"; ConfigError "config/range", "config/conflict",
 *   "config/unknown-name"
 */
export function planRun(options: DistillOptions): RunPlan {
  const { arms = armNames, seeds = defaultSeeds, data } = options;
  assertDisjoint({ train: data.train, validation: data.validation, test: data.test });
  for (const part of [data.validation, data.test]) assertLabelled(part);
  assertDistinct("arms", arms);
  assertDistinct("seeds", seeds);
  const rates = [options.tuning?.learningRates, options.convergence?.learningRates];
  for (const list of rates)
    if (list !== undefined && list.length > 0) assertDistinct("learningRates", list);
  assertTogether(options, arms);
  assertWeightsFit(options.teacher);
  assertLoss(options);
  assertRecognition(options);
  const search =
    options.search &&
    planSearch(options.search, {
      student: options.student,
      train: data.train,
      epochs: options.training.epochs,
      maxParameters: options.allowLargerStudent ? undefined : (teacherSize(options) ?? undefined),
    });
  const searching = search === undefined ? 0 : searchJobs(search);
  return { arms, seeds, search, jobs: searching + countJobs(options, arms, seeds) };
}

function assertRecognition({ recognition, data }: DistillOptions): void {
  if (recognition === undefined) return;
  candidatesOf(recognition);
  for (const part of [data.validation, data.test]) assertRecognizable(recognition.recognizer, part);
}

function assertLoss(options: DistillOptions): void {
  if (options.loss !== undefined) return;
  const spec = options.distillation ?? {};
  const { relatesSamples } = namedLoss(spec, lossTeacher(options));
  assertSumsParts({ loss: spec.loss, relatesSamples }, options.training.accumulate);
}

/** What is known of the teacher before it is there: networks trained here give logits. */
function lossTeacher({ teacher }: DistillOptions): LossTeacher {
  if (teacher.kind === "given") return teacher.teacher;
  if (teacher.kind === "softLabels") return teacher.softLabels.manifest;
  if (teacher.kind === "specialists")
    return { members: [{ kind: "log-probabilities" }], combine: "arithmetic" };
  const { combine = "arithmetic" } = teacher.kind === "train" ? teacher.teacher : teacher;
  const given = teacher.kind === "ensemble" ? teacher.members : [];
  const members = given.flatMap((each) => (each.kind === "given" ? each.teacher.members : []));
  return { members: members.length === 0 ? [{ kind: "logits" }] : members, combine };
}

function assertLabelled({ name, labels }: DistillOptions["data"]["test"]): void {
  if (!labels.includes(UNLABELLED)) return;
  throw new DataError("data/unlabelled", {
    where: name,
    rule: "validation and test samples need labels",
    got: "samples without label",
    fix: "Keep unlabelled samples for training",
  });
}

function assertDistinct(name: string, values: readonly (string | number)[]): void {
  if (values.length > 0 && new Set(values).size === values.length) return;
  throw new ConfigError("config/range", {
    where: "distillation",
    rule: `${name} must be one or more, all different`,
    got: values.length === 0 ? "none" : values.join(", "),
    fix: `Correct ${name}`,
    details: { [name]: values },
  });
}

function assertTogether(options: DistillOptions, arms: readonly ArmName[]): void {
  const { teacher, training, labels, precisions, distillation } = options;
  const refuse = (rule: string, got: string, fix: string): never => {
    throw new ConfigError("config/conflict", { where: "distillation", rule, got, fix });
  };
  if (precisions === true && !arms.includes("distilled"))
    refuse(
      "precisions compares distilled students",
      `arms ${arms.join(", ")}`,
      "Add the arm distilled, or leave precisions out",
    );
  if (distillation?.live === true && teacher.kind === "softLabels")
    refuse(
      "live asks the teacher at every step",
      "its soft labels alone",
      "Give the teacher, or leave live out",
    );
  if (training.quantizationAware !== undefined && options.transfer?.biasCorrection !== undefined)
    refuse(
      "a quantised student's ranges do not hold for corrected biases",
      "quantizationAware with biasCorrection",
      "Leave one of them out",
    );
  if (options.transfer?.biasCorrection === "shared" && options.transfer.withheld.length === 0)
    refuse(
      "a shared bias is that of classes without samples",
      "samples of every class",
      "Withhold a class, or use biasCorrection: perClass",
    );
  const views = teacher.kind === "softLabels" ? teacher.softLabels.manifest.views : labels;
  if (training.augmentation !== undefined && arms.includes("distilled") && !views?.augmentation)
    refuse(
      "the distilled student can only see views that the teacher has labelled, and training has an augmentation",
      "soft labels of the samples as they are",
      "Give the labels this augmentation and a number of views, or leave it out of the training",
    );
}

function countJobs(
  options: DistillOptions,
  arms: readonly ArmName[],
  seeds: readonly number[],
): number {
  const { teacher, tuning } = options;
  const rates = tuning?.learningRates?.length ?? 0;
  const trials = rates < 2 ? 0 : rates;
  const precisions =
    options.precisions === true && teacher.kind !== "softLabels" ? precisionJobs : 0;
  const convergence = convergenceJobs({ options }, seeds);
  const students = arms.length * (trials + seeds.length) + transferJobs(options, seeds);
  return teacherJobs(teacher) + students + convergence + precisions;
}
