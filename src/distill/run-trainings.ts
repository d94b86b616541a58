/**
 * @file Prepares a run's trainings before any of them starts, so that what they refuse is refused
 * then; do their steps fit in memory?
 */

import {
  type Augmentation,
  knownClasses,
  logitCount,
  type SoftLabels,
  seenByTeacher,
  UNLABELLED,
} from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import { ConfigError } from "../errors/index.ts";
import { assertCorrectable } from "./class-bias.ts";
import { assertFeatures } from "./features/assert-features.ts";
import { type Job, prepareJob } from "./job.ts";
import { assertSumsParts, type LossTeacher, namedLoss } from "./named-loss.ts";
import { assertSoftTerm, softTermText } from "./objective.ts";
import type { DistillOptions } from "./options.ts";
import { packageViews } from "./package-job.ts";
import { assertLabelledViews } from "./soft-label-rules.ts";
import { assertStepFits } from "./step-memory.ts";
import { networkCount, partsSeenByTeacher, taughtPart, trainedTeachers } from "./teacher-source.ts";
import { defaults } from "./training-spec.ts";
import { isTransferred, wholeEpochsOf } from "./transfer.ts";

/**
 * Prepares one training of each kind: of the teacher's networks, of the specialists, of the student
 * on hard labels, and of the student of all samples. (Arms differ in what the labels are, not in
 * network, step or feed otherwise.) Then the distillation term, a discriminator beside it, and what
 * biases can be corrected.
 *
 * @param smaller networks that a search may choose instead of the student
 * @throws as prepareJob, assertStepFits, assertSoftTerm, assertSumsParts, assertFeatures and
 *   assertCorrectable
 */
export function assertTrainings(
  options: DistillOptions,
  smaller: readonly NetworkSpec[] = [],
): void {
  const student = studentTraining(options);
  const whole = isTransferred(options) ? [wholeTraining(options)] : [];
  for (const job of [...teacherTrainings(options), student, ...whole])
    assertStepFits(job, prepareJob(job), options.memoryBytes);
  for (const network of smaller) prepareJob({ ...student, network });
  for (const job of specialistTrainings(options)) prepareJob(job); // of fewer classes: less memory
  const augmentation = labelledViews(options);
  if (augmentation !== undefined && options.teacher.kind !== "softLabels")
    prepareJob({ ...student, training: { ...student.training, augmentation } });
  assertDistilled(options);
  assertAdversarial(options, student);
  assertFeatures(options, [options.student, ...smaller]);
  const { biasCorrection, withheld = [] } = options.transfer ?? {};
  if (biasCorrection !== undefined) assertCorrectable(student, biasCorrection, withheld);
}

/** What the views are that have soft labels, or will have. */
function labelledViews({ teacher, labels }: DistillOptions): Augmentation | undefined {
  return teacher.kind === "softLabels"
    ? packageViews(teacher.softLabels)?.augmentation
    : labels?.augmentation;
}

/** The distillation term, before there are soft labels. A loss of the user's own is not called. */
function assertDistilled(options: DistillOptions): void {
  const { distillation: spec = {}, loss, training, data } = options;
  const { batchSize = defaults.batchSize, accumulate = 1 } = training;
  const known = lossTeacher(options);
  const named = loss === undefined ? namedLoss(spec, known) : undefined;
  const relatesSamples = named?.relatesSamples === true;
  assertSumsParts({ loss: spec.loss, relatesSamples }, accumulate);
  if (named?.needsLabels === true && data.train.labels.every((label) => label === UNLABELLED))
    throw withoutLabels(data.train.name);
  assertSoftTerm({
    spec,
    loss,
    teacher: { ...known, classNames: data.train.classNames },
    batchSize: batchSize / accumulate,
    isMixed: labelledViews(options)?.mixup !== undefined,
  });
}

/**
 * @returns a loss of the user's own as text, which says what it computes; undefined for a named one
 * @throws as softTermText
 */
export function ownLossText(options: DistillOptions): string | undefined {
  const { distillation: spec = {}, loss, training, data, labels } = options;
  if (loss === undefined) return undefined;
  const { batchSize = defaults.batchSize, accumulate = 1 } = training;
  const asked = lossTeacher(options);
  const count = labels?.members === "averaged" ? 1 : networkCount(options.teacher);
  const members = Array.from({ length: count }, (_, at) => asked.members[at] ?? asked.members[0]!); // one at least
  return softTermText({
    ...{ spec, loss, batchSize: batchSize / accumulate },
    teacher: { ...asked, members, classNames: data.train.classNames },
    isMixed: labelledViews(options)?.mixup !== undefined,
  });
}

/** The student's step with a discriminator beside it, before there are soft labels. */
function assertAdversarial(options: DistillOptions, student: Job): void {
  const { adversarial } = options.distillation ?? {};
  if (adversarial === undefined) return;
  const { classNames, length } = options.data.train;
  const teacher = { ...lossTeacher(options), classNames };
  const manifest = { ...teacher, classCount: logitCount(teacher) };
  const softLabels = { manifest } as SoftLabels; // of a package that nothing is read of
  const rows = new Int32Array(length).fill(-1);
  const job = { ...student, soft: { softLabels, rows, spec: { adversarial } } };
  assertStepFits(job, prepareJob(job), options.memoryBytes);
}

function withoutLabels(where: string): ConfigError {
  return new ConfigError("config/conflict", {
    where,
    rule: "this distillation loss needs the samples' labels",
    got: "no sample with a label",
    fix: "Keep some labels, or take a loss without them, such as softTargets",
  });
}

/** What is known of the teacher before it is there: networks trained here give logits. */
function lossTeacher({ teacherClasses: named, ...options }: DistillOptions): LossTeacher {
  const asked = membersAsked(options);
  const teacherClasses = knownClasses(named, options.data.train.classNames);
  return teacherClasses === undefined ? asked : { ...asked, teacherClasses };
}

function membersAsked({ teacher }: Pick<DistillOptions, "teacher">): LossTeacher {
  if (teacher.kind === "given") return teacher.teacher;
  if (teacher.kind === "softLabels") return teacher.softLabels.manifest;
  if (teacher.kind === "specialists")
    return { members: [{ kind: "log-probabilities" }], combine: "arithmetic" };
  const { combine = "arithmetic" } = teacher.kind === "train" ? teacher.teacher : teacher;
  const given = teacher.kind === "ensemble" ? teacher.members : [];
  const members = given.flatMap((each) => (each.kind === "given" ? each.teacher.members : []));
  return { members: members.length === 0 ? [{ kind: "logits" }] : members, combine };
}

const seed = 0;

function teacherTrainings({ teacher, data, teacherClasses }: DistillOptions): readonly Job[] {
  const shared = partsSeenByTeacher(data);
  return trainedTeachers(teacher).map(({ network, training, data: own }) => {
    const seen = own === undefined ? shared.train : seenByTeacher(own);
    const train = taughtPart(seen, teacherClasses);
    const validation = taughtPart(shared.validation, teacherClasses);
    return { id: "teacher", network, train, validation, training, seed };
  });
}

function specialistTrainings({ teacher, data }: DistillOptions): readonly Job[] {
  if (teacher.kind !== "specialists") return [];
  const { train, validation } = partsSeenByTeacher(data);
  const { generalist, specialists } = teacher;
  const network = generalist.kind === "train" ? generalist.teacher.network : generalist.model.spec;
  const { training } = specialists;
  const isPaired = data.train.teacherInputs !== undefined;
  if (specialists.softWeight !== undefined && specialists.softWeight !== 0)
    assertLabelledViews("teacher.specialists", training.augmentation, undefined, isPaired);
  return [{ id: "teacher/specialist", network, train, validation, training, seed }];
}

function wholeTraining(options: DistillOptions): Job {
  const { training } = options;
  const train = options.transfer!.whole; // isTransferred
  const own = { ...training, epochs: wholeEpochsOf(options) };
  return { ...studentTraining(options), id: "whole", train, training: own };
}

function studentTraining({ student: network, training, data }: DistillOptions): Job {
  const { train, validation } = data;
  return { id: "student", network, train, validation, training, seed };
}
