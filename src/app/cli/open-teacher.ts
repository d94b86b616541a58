/** @file The teacher that a recipe names, ready to answer or to be trained. */

import { type Dataset, type SoftLabels, seenByTeacher } from "../../data/index.ts";
import { readFileBytes } from "../../data/sources/index-node.ts";
import {
  assertModelFits,
  type EnsembleSource,
  networkTeacher,
  onnxTeacher,
  readModel,
  type Teacher,
  type TeacherSource,
} from "../../distill/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { RunError } from "../../errors/index.ts";
import {
  type DataParts,
  type EnsembleTeacherRecipe,
  type Recipe,
  type SoftLabelsTeacherRecipe,
  type SpecialistsTeacherRecipe,
  type TrainTeacherRecipe,
  teacherClassesOf,
} from "../spec/index.ts";
import { type ModelFile, readModelFile } from "./data-encoding.ts";

/** What a teacher is opened with. */
export interface TeacherContext {
  readonly runtime: Runtime;
  readonly parts: DataParts;
  readonly threads: number;
  /** already opened, if the recipe names a package */
  readonly softLabels: SoftLabels | null;
}

interface OpenContext extends TeacherContext {
  /** samples that a teacher from a file is tried with */
  readonly tried: Dataset;
}

/** @throws DataError "file/...", "teacher/..." before anything is trained */
export async function openTeacher(
  { teacher, transfer }: Pick<Recipe, "teacher" | "transfer">,
  given: TeacherContext,
): Promise<TeacherSource> {
  const { train, validation } = given.parts;
  const there = transfer?.generated ? validation : train; // those are not made yet
  const context = { ...given, tried: seenByTeacher(there) };
  if (context.softLabels !== null) return { kind: "softLabels", softLabels: context.softLabels };
  if ("train" in teacher) return trainSource(teacher, context);
  if ("ensemble" in teacher) return openEnsemble(teacher, context);
  if ("specialists" in teacher) return openSpecialists(teacher, context);
  return { kind: "given", teacher: await openGiven(teacher, context) };
}

function trainSource(
  { train }: TrainTeacherRecipe,
  { parts, threads: all }: TeacherContext,
): Extract<TeacherSource, { kind: "train" }> {
  const { labels = "labelled", training, ...rest } = train;
  const data = labels === "all" ? parts.trainAllLabels : parts.whole;
  const threads = training.threads ?? all;
  return { kind: "train", teacher: { ...rest, training: { ...training, threads }, data } };
}

async function openEnsemble(
  recipe: EnsembleTeacherRecipe,
  context: OpenContext,
): Promise<TeacherSource> {
  const { ensemble, combine, weights } = recipe;
  const { runtime, tried: dataset, threads } = context;
  const classNames = teacherClassesOf(recipe);
  const members: EnsembleSource["members"][number][] = [];
  for (const member of ensemble)
    if ("train" in member) members.push(trainSource(member, context));
    else {
      const teacher = await openFile(member, { runtime, dataset, threads, classNames });
      members.push({ kind: "given", teacher });
    }
  return { kind: "ensemble", members, combine, weights };
}

async function openSpecialists(
  { specialists: { generalist, training, ...rest } }: SpecialistsTeacherRecipe,
  context: TeacherContext,
): Promise<TeacherSource> {
  const threads = training.threads ?? context.threads;
  const specialists = { ...rest, training: { ...training, threads } };
  if ("train" in generalist)
    return { kind: "specialists", generalist: trainSource(generalist, context), specialists };
  const { checkpoint: file } = generalist;
  const model = readModel(await readFileBytes(file, "a generalist's model"), file);
  const { train, whole: data } = context.parts;
  assertModelFits(model, file, seenByTeacher(train));
  return { kind: "specialists", generalist: { kind: "model", model }, specialists, data };
}

async function openGiven(
  teacher: ModelFile | SoftLabelsTeacherRecipe,
  { runtime, tried, threads }: OpenContext,
): Promise<Teacher> {
  if ("softLabels" in teacher)
    throw new RunError("run/internal", {
      where: "openTeacher",
      rule: "internal: a soft-label package must be open before its teacher is asked for",
    });
  const classNames = teacherClassesOf(teacher);
  return openFile(teacher, { runtime, dataset: tried, threads, classNames });
}

/** What a file is opened with. */
interface FileContext extends Pick<TeacherContext, "runtime" | "threads"> {
  readonly dataset: Dataset;
  /** of the classes that it knows, where these are not all of the data's */
  readonly classNames?: readonly string[] | undefined;
}

/** @returns the teacher in an .onnx or .safetensors file */
export async function openFile(
  source: ModelFile,
  { runtime, dataset, threads, classNames }: FileContext,
): Promise<Teacher> {
  const bytes = await readModelFile(source, "a teacher's model");
  if ("checkpoint" in source) {
    const model = readModel(bytes, source.checkpoint);
    const asked = classNames && { classNames, name: "teacher.classes" };
    assertModelFits(model, source.checkpoint, { ...dataset, ...asked });
    return networkTeacher(runtime, model, { threads });
  }
  const { model: file, classes: _, ...options } = source;
  const own = { ...options, ...(classNames && { classNames }) };
  return onnxTeacher(runtime, { ...own, model: bytes, file, dataset, threads });
}
