/**
 * @file A sweep over a teacher's combination: what is shared, and that it reaches the students; an
 * axis over the learning rate does, too.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryStore, openSoftLabels } from "../../../data/index.ts";
import { folderStore } from "../../../data/sources/index-node.ts";
import {
  ensembleTeacher,
  labelAll,
  type Model,
  modelHash,
  packageJob,
  packageWeights,
  readModel,
  runDistillation,
  runJob,
  type Teacher,
  trainTeacherAlone,
} from "../../../distill/index.ts";
import type { NetworkSpec } from "../../../engine/nn/index.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { nodeRuntime } from "../../../engine/runtime/node.ts";
import { parseRecipe } from "../../spec/index.ts";
import { openTeacher } from "../open-teacher.ts";
import { prepare, prepareData } from "../prepare.ts";
import type { PreparedSweep } from "./conduct-sweep.ts";
import { packageFacts, trainPoint } from "./point-tasks.ts";
import { modelName, runTask } from "./run-task.ts";
import { preparedSweep, useTinyTable } from "./small-sweep.cases.ts";
import type { Task } from "./task.ts";
import { taskRunner } from "./task-runner.ts";

const folder = useTinyTable();
let runtime: Runtime;
beforeEach(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterEach(() => runtime.close());

const recipeOf = (teacher: string): string =>
  folder.recipe.replace(/teacher:\n( .*\n)+/, `teacher: ${teacher}\n`);
const network = "network: { family: mlp, hidden: [12] }, training: { epochs: 2, batchSize: 16 }";
const three = `{ train: { ${network}, members: 3 } }`;

const prepared = (text: string, axes: readonly string[]): Promise<PreparedSweep> =>
  preparedSweep(folder.path, text, axes);

/** Trains a sweep's points in this process. @returns hash of each point's student, tasks done */
async function swept(
  { plans }: PreparedSweep,
  arm: "distilled" | "scratch" = "distilled",
): Promise<{ readonly students: readonly string[]; readonly kinds: Record<string, number> }> {
  const root = join(folder.path, "sweep");
  const run = (task: Task, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
    runTask(task, { runtime, root, signal, onProgress: () => undefined });
  const executor = { slots: 1, run, close: async () => undefined };
  const watcher = { onProgress: () => undefined, onDone: () => undefined };
  const perform = taskRunner(root, executor, new AbortController().signal, watcher);
  const students: string[] = [];
  for (const plan of plans) {
    const { folders } = await trainPoint(plan, arm, { seeds: [1], epochs: 3, perform });
    const file = join(root, folders[0]!, modelName);
    students.push(modelHash(readModel(readFileSync(file), file)));
  }
  const kinds: Record<string, number> = {};
  for (const name of readdirSync(join(root, "tasks"))) {
    const [kind = ""] = name.split("-");
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return { students, kinds };
}

/** @returns hash of the student that potstill distill trains from the same words */
async function distilled(text: string, ...overrides: readonly string[]): Promise<string> {
  const { options } = await prepare(runtime, parseRecipe(text, "tiny.yaml", overrides));
  const run = runDistillation({ ...options, seeds: [1], arms: ["distilled"], createdBy: "test" });
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return modelHash(value.arms[0]!.runs[0]!.job.model);
  }
}

test("one teacher, one package: combinations, weights and temperatures reach the students", async () => {
  const text = recipeOf(three);
  const sweep = await prepared(text, [
    "combine=arithmetic,geometric",
    "weights=[1,2,3],validation",
    "T=1,4",
  ]);
  const { students, kinds } = await swept(sweep);
  expect(kinds).toEqual({ teacher: 1, labels: 1, weights: 1, student: 8 });
  expect(new Set(sweep.plans.map((plan) => JSON.stringify(packageFacts(plan)))).size).toBe(1);
  expect(new Set(students).size).toBe(8);
  const words = ["teacher.train.combine=geometric", "distillation.temperature=4"];
  const weighted = await distilled(text, ...words, "teacher.train.weights=[1,2,3]");
  expect(students[5]).toBe(weighted);
  const chosen = await distilled(text, "teacher.train.weights=validation");
  expect(students[3]).toBe(chosen); // arithmetic, T = 4, as without words
});

test("members of several architectures are trained once for all combinations and views", async () => {
  const other = network.replace("12", "6");
  const text = recipeOf(`{ ensemble: [{ train: { ${network} } }, { train: { ${other} } }] }`);
  const axes = ["combine=logits,arithmetic", "labels.precision=float32,float16"];
  const { students, kinds } = await swept(await prepared(text, axes));
  expect(kinds).toEqual({ teacher: 1, labels: 2, student: 4 });
  expect(students[1]).toBe(await distilled(text, "teacher.combine=logits"));
  expect(students[3]).toBe(await distilled(text));
});

test("an averaged package is one for each combination, of the same teacher", async () => {
  const text = `${recipeOf(three)}labels: { members: averaged }\n`;
  const { students, kinds } = await swept(await prepared(text, ["weights=[3,1,1],validation"]));
  expect(kinds).toEqual({ teacher: 1, labels: 2, student: 2 });
  expect(students[0]).toBe(await distilled(text, "teacher.train.weights=[3,1,1]"));
  expect(students[1]).toBe(await distilled(text, "teacher.train.weights=validation"));
});

test("an axis over the learning rate reaches the students of a recipe that tunes it", async () => {
  const text = `${recipeOf(three)}tuning: { learningRates: [0.001, 0.5] }\n`;
  const { students, kinds } = await swept(await prepared(text, ["lr=0.01,0.02"]), "scratch");
  expect(kinds).toEqual({ student: 2 }); // no trials
  expect(new Set(students).size).toBe(2);
});

test("a teacher of one member has nothing to combine", async () => {
  const text = recipeOf(three.replace("3", "1"));
  const { kinds } = await swept(await prepared(text, ["combine=arithmetic,geometric"]));
  expect(kinds).toEqual({ teacher: 1, labels: 1, student: 1 });
});

test("a package that the recipe names is combined as each point says", async () => {
  const teacher = await trainedThree();
  const { parts } = await prepareData(parseRecipe(recipeOf(three), "tiny.yaml"));
  const path = join(folder.path, "package");
  await labelAll({ teacher, dataset: parts.transfer, store: await folderStore(path) });
  const text = recipeOf(`{ softLabels: ${path} }`);
  const sweep = await prepared(text, [
    "combine=arithmetic,geometric",
    "weights=[1,2,3],validation",
  ]);
  const { students, kinds } = await swept(sweep);
  expect(kinds).toEqual({ student: 4 });

  /** Asks the teacher anew, so combined from the start. */
  const student = async (weights: readonly number[]): Promise<string> => {
    const store = memoryStore();
    const combined = ensembleTeacher([teacher], { combine: "geometric", weights });
    await labelAll({ teacher: combined, dataset: parts.transfer, store });
    const softLabels = await openSoftLabels(store);
    const { student: spec, training } = parseRecipe(text, "tiny.yaml");
    const job = packageJob({
      ...parts,
      id: "student",
      softLabels,
      student: spec as NetworkSpec, // it names a family
      training: { ...training, threads: 1 },
      seed: 1,
    });
    return modelHash(await trained(runJob(job, { runtime })));
  };
  expect(students[2]).toBe(await student([1, 2, 3]));
  const softLabels = await openSoftLabels(await folderStore(path));
  const { weights } = packageWeights(softLabels, parts.validation, "geometric");
  expect(students[3]).toBe(await student(weights));
  expect((await swept(sweep, "scratch")).kinds).toEqual({ student: 5 }); // one for all
  await teacher.close();
});

test("weights that do not fit the members are refused before anything starts", async () => {
  await expect(prepared(recipeOf(three), ["weights=[1,2],[1,2,3]"])).rejects.toThrow(
    "weights must be 3 finite numbers",
  );
});

async function trainedThree(): Promise<Teacher> {
  const recipe = parseRecipe(recipeOf(three), "tiny.yaml");
  const { parts, softLabels } = await prepareData(recipe);
  const source = await openTeacher(recipe, { runtime, parts, threads: 1, softLabels });
  if (source.kind !== "train") throw new Error(source.kind);
  const { train, validation, test } = parts;
  return finished(trainTeacherAlone(source, { runtime, data: { train, validation, test: test! } }));
}

async function trained(run: ReturnType<typeof runJob>): Promise<Model> {
  return (await finished(run)).model;
}

async function finished<T>(run: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value as T;
  }
}
