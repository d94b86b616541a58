/** @file The tasks of the students that are compared: trials, choices, trainings. */

import type { Augmentation } from "../../data/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import type { ScheduleSpec } from "../../engine/optim/index.ts";
import { smoothing, withLearningRate } from "../arms.ts";
import type { ArmName, DistillOptions } from "../options.ts";
import type { SearchPlan, StudentSearch } from "../search/plan-search.ts";
import type { TrainingSpec } from "../training-spec.ts";
import { choiceKind, rankingKind } from "./choice.ts";
import type { InputRef } from "./inputs.ts";
import { addTask, type Needs } from "./kind.ts";
import type { SampleSetSpec } from "./labels.ts";
import type { TeacherSpec } from "./open-teachers.ts";
import type { Planning } from "./plan-teacher.ts";
import {
  type CandidatePlace,
  normalDistillation,
  normalTraining,
  studentKind,
  type TrainingTaskSpec,
} from "./training.ts";

/** What all students of a run share. */
export interface PlannedStudents extends Planning {
  readonly options: DistillOptions;
  readonly samples: SampleSetSpec;
  /** the role "samples", where they are made */
  readonly sampleNeeds: Needs;
  /** soft labels: a package that is there, or a task's id */
  readonly labels: { readonly package: InputRef<"package"> } | { readonly id: string };
  /** for live distillation and features; its needs, and who is asked */
  readonly teacher: { readonly spec: TeacherSpec; readonly needs: Needs } | null;
  readonly teacherAugmentation: Augmentation | undefined;
  readonly loss: InputRef<"loss"> | undefined;
  /** of the teacher, for students that start from it */
  readonly teacherId: string | undefined;
  /** the student: itself, or the id of the ranking that has chosen it */
  readonly network: NetworkSpec | { readonly ranking: string };
}

export interface StudentWish {
  readonly seed: number;
  readonly training: TrainingSpec;
  /** the peak is what this task has chosen */
  readonly rate?: string | undefined;
  readonly network?: NetworkSpec | undefined;
  readonly place?: CandidatePlace | undefined;
  readonly ranking?: string | undefined;
  /** another package than the run's */
  readonly labels?: string | undefined;
}

/** @returns spec and needs of one training */
export function studentTask(
  arm: ArmName | "whole",
  wish: StudentWish,
  students: PlannedStudents,
): { readonly spec: TrainingTaskSpec; readonly needs: Needs } {
  const { options, inputs, samples, sampleNeeds, runtime } = students;
  const { start } = options;
  const isSoft = arm === "distilled";
  const own = networkOf(wish, students);
  const soft = isSoft ? softOf(wish, students) : undefined;
  const isAsking =
    isSoft &&
    (options.distillation?.live === true || (options.distillation?.features ?? []).length > 0);
  const teacher = isAsking ? (students.teacher ?? undefined) : undefined;
  const whole = options.transfer?.whole;
  return {
    spec: {
      ...{ network: own.network, place: own.place, seed: wish.seed, runtime },
      training: trainingOf(arm, normalTraining(wish.training), students.teacherAugmentation),
      train: arm === "whole" ? { data: inputs.dataset(whole!) } : samples, // asked only where there is one
      validation: inputs.dataset(options.data.validation),
      ...(start !== undefined && start !== "teacher" && { start: inputs.model(start) }),
      ...(soft && { soft: soft.spec }),
      ...(teacher && { teacher: teacher.spec }),
    },
    needs: {
      ...(teacher?.needs ?? {}),
      ...(soft?.needs ?? {}),
      ...(arm === "whole" ? {} : sampleNeeds),
      network: own.ranking === undefined ? [] : [own.ranking],
      rate: wish.rate === undefined ? [] : [wish.rate],
      start: start === "teacher" ? [students.teacherId!] : [], // refused for other teachers
    },
  };
}

function networkOf(
  { network, place, ranking }: StudentWish,
  students: PlannedStudents,
): Pick<StudentWish, "network" | "place" | "ranking"> {
  if (network !== undefined || ranking !== undefined) return { network, place, ranking };
  const own = students.network;
  return "ranking" in own ? { place: { chosen: true }, ranking: own.ranking } : { network: own };
}

function softOf(
  { labels: other }: StudentWish,
  { options, labels, loss }: PlannedStudents,
): { readonly spec: NonNullable<TrainingTaskSpec["soft"]>; readonly needs: Needs } {
  const id = other ?? ("id" in labels ? labels.id : undefined);
  return {
    spec: {
      ...(id === undefined && "package" in labels && { package: labels.package }),
      spec: normalDistillation(options.distillation ?? {}),
      ...(loss && { loss }),
      hardLabels: options.transfer?.labels !== "none",
    },
    needs: { labels: id === undefined ? [] : [id] },
  };
}

function trainingOf(
  arm: ArmName | "whole",
  training: TrainingSpec,
  teacherAugmentation: Augmentation | undefined,
): TrainingSpec {
  if (arm === "scratchSmoothed") return { ...training, labelSmoothing: smoothing };
  return arm === "scratchAugmented" && teacherAugmentation !== undefined
    ? { ...training, augmentation: teacherAugmentation }
    : training;
}

/** The seed of every trial; reported runs use others. */
const trialSeed = 0;

/** A learning rate that is known, or the id of the task that has chosen it. */
export interface PlannedRate {
  readonly learningRate: ScheduleSpec;
  readonly rate?: string | undefined;
}

/**
 * Every arm tries the same number of rates on validation, and keeps its best.
 *
 * @param rates with fewer than two there is nothing to choose; @param base whose peak is replaced
 * @param folder where the trials are: "tuning"
 */
export function planRate(
  arm: ArmName,
  rates: readonly number[],
  base: ScheduleSpec,
  folder: string,
  students: PlannedStudents,
): PlannedRate {
  const { builder, options } = students;
  const [only] = rates;
  if (only === undefined) return { learningRate: base };
  if (rates.length === 1) return { learningRate: withLearningRate(base, only) };
  const trials = rates.map((rate) => {
    const training = { ...options.training, learningRate: withLearningRate(base, rate) };
    const task = studentTask(arm, { seed: trialSeed, training }, students);
    return addTask(builder, studentKind, `${folder}/${arm}/rate-${rate}`, task);
  });
  const task = { spec: { learningRates: rates }, needs: { trials } };
  return {
    learningRate: base,
    rate: addTask(builder, choiceKind, `${folder}/${arm}/choice`, task),
  };
}

/**
 * Trials train in float and whole: neither on the int8 grid nor pruned, whatever the run's own
 * training does.
 *
 * @returns the id of the last ranking, which has chosen
 */
export function planRankings(
  { minAccuracy = 0, prefer = "accuracy", budget }: StudentSearch,
  { candidates, rungs }: SearchPlan,
  students: PlannedStudents,
): string {
  const { builder, options } = students;
  const { pruning: _, quantizationAware: __, ...training } = options.training;
  const known = candidates.map(({ name, spec, flashBytes }) => ({
    ...{ name, network: spec, flashBytes },
  }));
  const trials: Record<string, readonly string[]> = {};
  let ranking: string | undefined;
  for (const [number, { count, epochs }] of rungs.entries()) {
    trials[`rung${number}`] = Array.from({ length: count }, (_, at) => {
      const own = ranking === undefined ? { network: known[at]!.network } : { ranking }; // rung 0 has all
      const place = ranking === undefined ? undefined : { at, of: count, epochs };
      const wish = { seed: trialSeed, training: { ...training, epochs }, ...own, place };
      const who = ranking === undefined ? known[at]!.name : `place-${at + 1}`;
      const name = `search/${who}/epochs-${epochs}`;
      return addTask(builder, studentKind, name, studentTask("distilled", wish, students));
    });
    const isLast = number === rungs.length - 1;
    const choose = isLast ? { board: budget.name, minAccuracy, prefer } : undefined;
    const spec = { candidates: known, rungs: rungs.slice(0, number + 1), choose };
    ranking = addTask(builder, rankingKind, `search/rung-${number + 1}`, { spec, needs: trials });
  }
  return ranking!; // there is a rung at least
}
