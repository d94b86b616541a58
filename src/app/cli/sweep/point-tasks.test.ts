/** @file Tasks are named by what they depend on: the teacher's data, the provider. */

import { expect, test } from "vitest";
import { type Recipe, resolveRecipe } from "../../spec/index.ts";
import { ownVersion } from "../environment.ts";
import { partedTeacher } from "./combination.ts";
import { packageFacts, trainPoint } from "./point-tasks.ts";
import { preparedSweep, useTinyTable } from "./small-sweep.cases.ts";
import { type Task, type TaskResult, taskFolder } from "./task.ts";

const folder = useTinyTable();
const members = "teacher.train.members=2";

const weights = { arithmetic: [1, 1], geometric: [1, 1], logits: [1, 1] };

/** @returns what a sweep of one point asks to be done, with lines added to its recipe */
async function asked(more = "", ...further: readonly string[]) {
  const axes = [members, "weights=validation", ...further];
  const { plans } = await preparedSweep(folder.path, folder.recipe + more, axes);
  const plan = plans[0]!;
  const tasks: Task[] = [];
  const perform = async (task: Task): Promise<TaskResult> => {
    tasks.push(task);
    if (task.kind === "weights") return { kind: "weights", weights };
    return { kind: "failed", code: "run/non-finite", message: "not done here" };
  };
  await trainPoint(plan, "distilled", { seeds: [1], epochs: 3, perform });
  await trainPoint(plan, "scratch", { seeds: [1], epochs: 3, perform });
  return { plan, tasks, folders: tasks.map((task) => task.folder) };
}

test("another provider is another teacher, package, choice of weights and student", async () => {
  const [cpu, gpu, other] = [
    await asked(),
    await asked("provider: webgpu\n"),
    await asked("provider: cuda\n"),
  ];
  const kinds = ["teacher", "labels", "weights", "student", "student"];
  expect(gpu.tasks.map(({ kind }) => kind)).toEqual(kinds);
  expect(new Set([...cpu.folders, ...gpu.folders, ...other.folders]).size).toBe(15);
  expect(gpu.tasks.map(({ recipe }) => recipe.provider)).toEqual(kinds.map(() => "webgpu"));
  expect(packageFacts(gpu.plan)).not.toEqual(packageFacts(cpu.plan));
});

test("the CPU adds no fact: sweeps from before there was one go on", async () => {
  const { plan, folders } = await asked();
  const recipe: Recipe = resolveRecipe(plan.point.recipe);
  const { teacher, student, training, threads, labels } = recipe;
  const common = [ownVersion(), plan.dataHash];
  const ofTeacher = [...common, partedTeacher(teacher).pool, threads];
  expect(folders.slice(0, 3)).toEqual([
    taskFolder("teacher", ofTeacher),
    taskFolder("labels", [...ofTeacher, labels, null]),
    taskFolder("weights", ofTeacher),
  ]);
  const alone = [...common, student, { ...training, epochs: 3 }, threads, 1, null, null];
  expect(folders[4]).toBe(taskFolder("student", alone));
  expect((await asked("provider: cpu\n")).folders).toEqual(folders);
});

test("points that show students other parts have one teacher, asked for each part", async () => {
  const [less, more] = [await asked("", "fraction=0.5"), await asked("", "fraction=0.8")];
  const [teacher, labels, weights, student] = less.folders;
  expect(more.folders[0]).toBe(teacher);
  expect(more.folders[1]).not.toBe(labels);
  expect(more.folders[2]).toBe(weights);
  expect(more.folders[3]).not.toBe(student);
  const all = await asked();
  expect(all.folders[0]).not.toBe(teacher); // made before by its own name, and still found by it
  expect(new Set([...all.folders, ...less.folders, ...more.folders]).size).toBe(13);
});
