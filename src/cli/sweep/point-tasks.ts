/** @file A point's tasks: its teacher, its soft labels, its learning rate, its students. */

import { type Recipe, resolveRecipe, type SweepPoint } from "../../config/index.ts";
import { ownVersion } from "../environment.ts";
import {
  type LabelsTask,
  type StudentResult,
  type StudentTask,
  type TaskResult,
  type TeacherTask,
  taskFolder,
} from "./task.ts";
import type { Perform } from "./task-runner.ts";

export type ArmOfPoint = "distilled" | "scratch";

export interface PointPlan {
  readonly point: SweepPoint;
  /** of the data as this point's recipe splits them, and of the soft labels that it names */
  readonly dataHash: string;
}

/** A student's trainings with all seeds, or why there are none. */
export interface TrainedPoint {
  /** peak of the schedule */
  readonly learningRate: number;
  readonly results: readonly StudentResult[];
  /** folder of each, in the order of the seeds */
  readonly folders: readonly string[];
  readonly failure: string | null;
}

/** Trials have a seed of their own, as in a distillation run. */
const tuningSeed = 0;

/**
 * Soft labels first, shared by all points of the same teacher and views; then, where the recipe
 * says `tuning`, the learning rate that is best on validation; then every seed.
 *
 * @param epochs instead of the recipe's
 */
export async function trainPoint(
  { point, dataHash }: PointPlan,
  arm: ArmOfPoint,
  {
    seeds,
    epochs,
    perform,
  }: {
    readonly seeds: readonly number[];
    readonly epochs: number;
    readonly perform: Perform;
  },
): Promise<TrainedPoint> {
  const recipe = resolveRecipe(point.recipe);
  const labels = arm === "scratch" ? null : await labelsOf(recipe, dataHash, perform);
  const taskOf = (seed: number, learningRate: number): StudentTask =>
    studentTask(withTraining(recipe, learningRate, epochs), { seed, labels, dataHash });
  const learningRate = await chosenRate(recipe, taskOf, perform);
  const tasks = seeds.map((seed) => taskOf(seed, learningRate));
  const results = await Promise.all(tasks.map(perform));
  const failed = results.find((result) => result.kind === "failed");
  return {
    learningRate,
    results: failed === undefined ? results.filter(isStudent) : [],
    folders: tasks.map(({ folder }) => folder),
    failure: failed?.kind === "failed" ? failed.code : null,
  };
}

function isStudent(result: TaskResult): result is StudentResult {
  return result.kind === "student";
}

async function chosenRate(
  { training, tuning }: Recipe,
  taskOf: (seed: number, learningRate: number) => StudentTask,
  perform: Perform,
): Promise<number> {
  const rates = tuning?.learningRates ?? [];
  const { learningRate: own } = training;
  const peak = typeof own === "object" ? own.value : own!; // resolved
  if (rates.length < 2) return rates[0] ?? peak;
  const trials = await Promise.all(rates.map((rate) => perform(taskOf(tuningSeed, rate))));
  const correct = trials.map((trial) =>
    trial.kind === "student" ? trial.correct.replaceAll("0", "").length : -1,
  );
  return rates[correct.indexOf(Math.max(...correct))]!; // as many as trials
}

function withTraining(recipe: Recipe, peak: number, epochs: number): Recipe {
  const { learningRate } = recipe.training;
  const schedule = typeof learningRate === "object" ? { ...learningRate, value: peak } : peak;
  return { ...recipe, training: { ...recipe.training, learningRate: schedule, epochs } };
}

function studentTask(
  recipe: Recipe,
  { seed, labels, dataHash }: Pick<StudentTask, "seed" | "labels"> & { readonly dataHash: string },
): StudentTask {
  const { student, teacher, training, distillation, transfer, threads } = recipe;
  const given = "softLabels" in teacher ? teacher : null; // how its members are combined
  const taught = labels === null ? null : [labels, given, distillation, transfer];
  const corrected = transfer?.biasCorrection ?? null;
  const facts = [ownVersion(), dataHash, student, training, threads, seed, taught, corrected];
  return { kind: "student", folder: taskFolder("student", facts), recipe, seed, labels };
}

async function labelsOf(
  recipe: Recipe,
  dataHash: string,
  perform: Perform,
): Promise<NonNullable<StudentTask["labels"]>> {
  const { teacher, labels, threads } = recipe;
  if ("softLabels" in teacher) return { folder: teacher.softLabels, isOwn: false };
  const facts = [ownVersion(), dataHash, teacher, threads];
  const trained: TeacherTask | null =
    "train" in teacher ? { kind: "teacher", folder: taskFolder("teacher", facts), recipe } : null;
  if (trained !== null) await perform(trained);
  const folder = taskFolder("labels", [...facts, labels]);
  const task: LabelsTask = { kind: "labels", folder, recipe, teacher: trained?.folder ?? null };
  await perform(task);
  return { folder, isOwn: true };
}
