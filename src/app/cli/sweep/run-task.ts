/** @file Does one task of a sweep in this process. */

import { join } from "node:path";
import { type CombineMethod, recombine, type SoftLabels, type Store } from "../../../data/index.ts";
import { folderStore } from "../../../data/sources/index-node.ts";
import {
  averagedTeacher,
  type DistillEvent,
  type JobResult,
  jobPlace,
  label,
  memberLogits,
  modelLogits,
  networkOf,
  runJob,
  studentFile,
  type Teacher,
  trainTeacherAlone,
  validationWeights,
  writeModel,
} from "../../../distill/index.ts";
import { correctSamples } from "../../../distill/metrics/index.ts";
import { macCount, parameterCount } from "../../../engine/nn/index.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { isDistillError, RunError } from "../../../errors/index.ts";
import type { Recipe, SoftLabelsTeacherRecipe } from "../../spec/index.ts";
import { dataKey } from "../data-encoding.ts";
import { ownVersion } from "../environment.ts";
import { openTeacher } from "../open-teacher.ts";
import { combinedPackage, openPackageFolder } from "../package-folder.ts";
import { correctedStudent, studentJob } from "../package-student.ts";
import { checkpointOptions, type PreparedData, prepareData } from "../prepare.ts";
import type { TaskProgress } from "./executor.ts";
import { sweptStudent } from "./swept-student.ts";
import {
  type LabelsTask,
  resultName,
  type StudentTask,
  type Task,
  type TaskResult,
  type TeacherTask,
  type WeightsResult,
  type WeightsTask,
} from "./task.ts";

/** Where and with what tasks are done. */
export interface TaskContext {
  readonly runtime: Runtime;
  /** the sweep's folder */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

/** File name of the student that a task trained. */
export const modelName = "student.safetensors";

/**
 * Does a task and writes its result; what was begun before goes on. @throws what the work throws
 */
export async function runTask(task: Task, context: TaskContext): Promise<void> {
  const store = await folderStore(join(context.root, task.folder));
  const data = await preparedOnce(task.recipe);
  const result = await resultOf(task, data, store, context);
  await store.write(resultName, new TextEncoder().encode(`${JSON.stringify(result)}\n`));
}

async function resultOf(
  task: Task,
  data: PreparedData,
  store: Store,
  context: TaskContext,
): Promise<TaskResult> {
  switch (task.kind) {
    case "teacher": {
      await (await readyTeacher(task, data, store, context)).close();
      return { kind: "teacher" };
    }
    case "labels":
      return writeLabels(task, data, store, context);
    case "weights":
      return chooseWeights(task, data, store, context);
    case "student":
      return trainStudent(task, data, store, context);
  }
}

let last: { readonly key: string; readonly data: Promise<PreparedData> } | undefined;

/** The same data are read once for many tasks in a row. */
async function preparedOnce(recipe: Recipe): Promise<PreparedData> {
  const key = await dataKey(recipe);
  if (last?.key !== key) last = { key, data: prepareData(recipe) };
  return last.data;
}

/** Opens the recipe's teacher, or trains it in `store`, or finds it trained there. */
async function readyTeacher(
  { recipe }: Pick<TeacherTask, "recipe">,
  { parts }: PreparedData,
  store: Store,
  { runtime, signal, onProgress }: TaskContext,
): Promise<Teacher> {
  const threads = recipe.threads ?? 1;
  const source = await openTeacher(recipe, { runtime, parts, threads, softLabels: null });
  if (source.kind === "given") return source.teacher;
  if (source.kind === "softLabels")
    throw new RunError("run/internal", {
      where: "sweep",
      rule: "internal: soft labels that are there need no teacher",
    });
  const { train, validation, test } = parts;
  const data = { train, validation, test: test ?? validation };
  const saving = checkpointOptions(recipe);
  return finished(
    trainTeacherAlone(source, { runtime, data, store, signal, ...saving, ...memory() }),
    onProgress,
  );
}

/** The teacher that its own task has trained, or that is a file. */
async function askableTeacher(
  task: LabelsTask | WeightsTask,
  data: PreparedData,
  store: Store,
  context: TaskContext,
): Promise<Teacher> {
  const trained =
    task.teacher === null ? store : await folderStore(join(context.root, task.teacher));
  return readyTeacher(task, data, trained, context);
}

async function writeLabels(
  task: LabelsTask,
  data: PreparedData,
  store: Store,
  context: TaskContext,
): Promise<TaskResult> {
  const whole = await askableTeacher(task, data, store, context);
  const teacher = task.recipe.labels?.members === "averaged" ? averagedTeacher(whole) : whole;
  const { precision = "float16", views = 1, seed = 0, augmentation } = task.recipe.labels ?? {};
  await finished(
    label({
      teacher,
      dataset: data.parts.train,
      store,
      precision,
      views: { count: views, seed, augmentation: augmentation ?? null },
      withInputs: false,
      createdBy: `potstill ${ownVersion()}`,
      signal: context.signal,
    }),
    context.onProgress,
  );
  await teacher.close();
  return { kind: "labels" };
}

async function chooseWeights(
  task: WeightsTask,
  data: PreparedData,
  store: Store,
  context: TaskContext,
): Promise<WeightsResult> {
  const { validation } = data.parts;
  const teacher = await askableTeacher(task, data, store, context);
  const logits = await memberLogits(teacher, validation); // [samples, members, classes]
  await teacher.close();
  const { members, classCount } = teacher;
  const of = (combine: CombineMethod) =>
    validationWeights(logits, validation.labels, { members, classCount, combine }).weights;
  const [arithmetic, geometric] = [of("arithmetic"), of("geometric")];
  return { kind: "weights", weights: { arithmetic, geometric, logits: geometric } }; // one formula
}

async function trainStudent(
  task: StudentTask,
  data: PreparedData,
  store: Store,
  context: TaskContext,
): Promise<TaskResult> {
  const { runtime, signal, onProgress } = context;
  const { recipe, seed } = task;
  const { parts } = data;
  const network = sweptStudent(recipe);
  const softLabels = await softLabelsOf(task, data, context);
  const job = studentJob(recipe, { id: "student", network, parts, seed, softLabels });
  const saving = checkpointOptions(recipe);
  try {
    const place = jobPlace(store, job.id);
    const events = runJob(job, { runtime, place, signal, ...saving, ...memory() });
    const plain = await finished(events, onProgress);
    const result = await correctedStudent(plain, recipe, parts, runtime);
    await store.write(modelName, writeModel(result.model));
    return await describeStudent(result, data, runtime);
  } catch (error) {
    if (!isDistillError(error) || error.code !== "run/non-finite") throw error;
    return { kind: "failed", code: error.code, message: error.message };
  }
}

/** What is free now; tasks of other workers may take of it at the same time. */
function memory(): { readonly memoryBytes: number } {
  return { memoryBytes: process.availableMemory() };
}

/** The last one of each data set, which goes with it. */
const packages = new WeakMap<
  PreparedData,
  { readonly key: string; readonly softLabels: SoftLabels }
>();

/**
 * A student's soft labels, combined as its point says; null for hard labels alone. The same are
 * opened, and found to be sound, once for many students in a row.
 */
async function softLabelsOf(
  task: StudentTask,
  data: PreparedData,
  context: TaskContext,
): Promise<SoftLabels | null> {
  const key = JSON.stringify([context.root, task.recipe.teacher, task.labels]);
  const last = packages.get(data);
  if (last?.key === key) return last.softLabels;
  packages.delete(data); // two are not in memory
  const softLabels = await openedSoftLabels(task, data, context);
  if (softLabels !== null) packages.set(data, { key, softLabels });
  return softLabels;
}

async function openedSoftLabels(
  { recipe: { teacher }, labels }: StudentTask,
  { parts, softLabels }: PreparedData,
  { root }: TaskContext,
): Promise<SoftLabels | null> {
  if (labels === null) return null;
  if (!labels.isOwn)
    return combinedPackage(softLabels!, teacher as SoftLabelsTeacherRecipe, parts.validation); // prepareData has opened the package that the teacher is
  const own = await openPackageFolder(join(root, labels.folder));
  const isAsked = Object.keys(labels.combination).length > 0;
  return isAsked ? recombine(own, labels.combination) : own;
}

async function describeStudent(
  { model, history, bestEpoch }: JobResult,
  { parts }: PreparedData,
  runtime: Runtime,
): Promise<TaskResult> {
  const { validation } = parts;
  const logits = await modelLogits(runtime, model, validation);
  const network = networkOf(model);
  return {
    kind: "student",
    correct: correctSamples(logits, validation.labels).join(""),
    curve: history.map(({ validationAccuracy }) => validationAccuracy),
    bestEpoch,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    parameters: parameterCount(network),
    macs: macCount(network),
    bytes: studentFile(model).bytes.length,
  };
}

async function finished<T>(
  events: AsyncGenerator<DistillEvent, T>,
  onProgress: (progress: TaskProgress) => void,
): Promise<T> {
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return value;
    if (value.type !== "epoch") continue;
    const { epoch, validationAccuracy } = value.record;
    onProgress({ epoch, epochs: value.epochs, validationAccuracy });
  }
}
