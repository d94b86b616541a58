/** @file A point's tasks: its teacher, its soft labels, its learning rate, its students. */

import { type Recipe, resolveRecipe, type SweepPoint } from "../../spec/index.ts";
import { ownVersion } from "../environment.ts";
import {
  type Combination,
  isTrainedHere,
  partedTeacher,
  type SettledCombination,
} from "./combination.ts";
import { providerOf } from "./requested-points.ts";
import {
  type LabelsOfStudent,
  type LabelsTask,
  type StudentResult,
  type StudentTask,
  type TaskResult,
  type TeacherTask,
  taskFolder,
  type WeightsResult,
  type WeightsTask,
} from "./task.ts";
import type { Perform } from "./task-runner.ts";

export type ArmOfPoint = "distilled" | "scratch";

export interface PointPlan {
  readonly point: SweepPoint;
  /** of the data as this point's recipe splits them */
  readonly dataHash: string;
  /** of what the teacher is made from: the same where `transfer` takes nothing away */
  readonly teacherDataHash: string;
  /** everything about the package that the recipe names, combined as it says; null for none */
  readonly given: string | null;
  /** SHA-256 of every file that the teacher is read from */
  readonly teacherFiles: readonly string[];
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
 * says `tuning` and no axis gives the rate, the one that is best on validation; then every seed.
 *
 * @param epochs instead of the recipe's
 */
export async function trainPoint(
  plan: PointPlan,
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
  const { dataHash, given } = plan;
  const recipe = resolveRecipe(plan.point.recipe);
  const labels = arm === "scratch" ? null : await labelsOf(plan, recipe, perform);
  const taskOf = (seed: number, learningRate: number): StudentTask =>
    studentTask(withTraining(recipe, learningRate, epochs), { seed, labels, dataHash, given });
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
  {
    seed,
    labels,
    dataHash,
    given,
  }: Pick<StudentTask, "seed" | "labels"> & Pick<PointPlan, "dataHash" | "given">,
): StudentTask {
  const { student, training, distillation, transfer, threads } = recipe;
  const taught = labels === null ? null : [labels, given, distillation, transfer];
  const corrected = transfer?.biasCorrection ?? null;
  const own = [ownVersion(), dataHash, student, training, threads, seed];
  const facts = [...own, taught, corrected, ...providerFacts(recipe)];
  return { kind: "student", folder: taskFolder("student", facts), recipe, seed, labels };
}

/** @returns what a point's soft labels depend on: points where it is equal share one package */
export function packageFacts(plan: PointPlan): readonly unknown[] {
  const recipe = resolveRecipe(plan.point.recipe);
  const { teacher, labels } = recipe;
  const { pool, combination } = partedTeacher(teacher);
  const averaged = labels?.members === "averaged" ? combination : null;
  const { dataHash, teacherDataHash } = plan;
  const labelled = dataHash === teacherDataHash ? [] : [dataHash];
  return [...teacherFacts(plan, pool, recipe), labels, averaged, ...labelled];
}

function teacherFacts(
  { teacherDataHash, teacherFiles }: PointPlan,
  pool: Recipe["teacher"],
  recipe: Recipe,
): readonly unknown[] {
  const { threads } = recipe;
  const own = [ownVersion(), teacherDataHash, pool, ...teacherFiles, threads];
  return [...own, ...providerFacts(recipe)];
}

/** Other kernels round otherwise. The CPU, which is meant where nothing is said, adds no fact. */
function providerFacts(recipe: Recipe): readonly string[] {
  const provider = providerOf(recipe);
  return provider === "cpu" ? [] : [provider];
}

/**
 * The teacher's networks are trained once, and asked once, whatever becomes of their answers: the
 * package holds each member's logits. Only an averaged one depends on the combination.
 */
async function labelsOf(
  plan: PointPlan,
  recipe: Recipe,
  perform: Perform,
): Promise<LabelsOfStudent> {
  const { teacher, labels } = recipe;
  if ("softLabels" in teacher) return { folder: teacher.softLabels, isOwn: false };
  const { pool, combination } = partedTeacher(teacher);
  const facts = teacherFacts(plan, pool, recipe);
  const whole = { ...recipe, teacher: pool };
  const trained: TeacherTask | null = isTrainedHere(pool)
    ? { kind: "teacher", folder: taskFolder("teacher", facts), recipe: whole }
    : null;
  if (trained !== null) await perform(trained);
  const asked = { teacher: trained?.folder ?? null, recipe: whole };
  const isAveraged = labels?.members === "averaged";
  const folder = taskFolder("labels", packageFacts(plan));
  const task: LabelsTask = { kind: "labels", folder, ...asked, ...(isAveraged && { recipe }) };
  await perform(task);
  const choosing = { kind: "weights", folder: taskFolder("weights", facts), ...asked } as const;
  const own = isAveraged ? {} : await settled(combination, choosing, perform);
  return { folder, isOwn: true, combination: own };
}

async function settled(
  { weights, ...method }: Combination,
  choosing: WeightsTask,
  perform: Perform,
): Promise<SettledCombination> {
  if (weights === undefined) return method;
  if (weights !== "validation") return { ...method, weights };
  const chosen = (await perform(choosing)) as WeightsResult; // a task's result is of its kind
  return { ...method, weights: chosen.weights[method.combine ?? "arithmetic"] };
}
