/**
 * @file From a checked recipe to everything that a run needs: data, parts, teacher. All that can
 * be refused is, here.
 */

import { createHash } from "node:crypto";
import { type Dataset, type SoftLabels, seenByTeacher } from "../../data/index.ts";
import { type LoadedData, pairedData } from "../../data/sources/index-node.ts";
import { boardSearch } from "../../distill/boards/index-node.ts";
import {
  assertClasses,
  assertPlainPairs,
  type DistillOptions,
  modelHash,
  type RecognitionOptions,
  startingPoints,
  type TeacherSource,
} from "../../distill/index.ts";
import { buildNetwork } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { ConfigError } from "../../errors/index.ts";
import {
  type DataParts,
  namedNetwork,
  type PlaceOf,
  type Recipe,
  splitData,
  teacherClassesOf,
} from "../spec/index.ts";
import { encodedAs, recipeEncoding, withClassesOf } from "./data-encoding.ts";
import { loadAnyData } from "./load-data.ts";
import { openTeacher } from "./open-teacher.ts";
import { openPackageFolder } from "./package-folder.ts";
import { prepareDecoder } from "./prepare-decoder.ts";
import { studentStart } from "./student-start.ts";

export interface PreparedData {
  readonly name: string;
  readonly parts: DataParts;
  /** of all samples and labels, of how they were split, and of what a decoder is made from */
  readonly hash: string;
  /** null without a decoder */
  readonly recognition: RecognitionOptions | null;
  /** the package that the recipe names, as it is: not yet combined as the recipe says */
  readonly softLabels: SoftLabels | null;
}

export interface Prepared extends PreparedData {
  readonly teacher: TeacherSource;
  /** hash of what will teach; of a teacher to be trained, of the recipe's words for it */
  readonly teacherHash: string;
  readonly options: Omit<DistillOptions, "createdBy">;
}

/** Without the recipe's text: the value's own name. */
const nameOf: PlaceOf = (path) => path.join(".");

/**
 * @param placeOf where the recipe's values stand, for what is refused
 * @throws DataError, ConfigError, ShapeError for data that cannot be used, before anything is
 * written
 */
export async function prepareData(
  recipe: Recipe,
  placeOf: PlaceOf = nameOf,
): Promise<PreparedData> {
  const softLabels =
    "softLabels" in recipe.teacher ? await openPackageFolder(recipe.teacher.softLabels) : null;
  const loaded = await loadedData(recipe, softLabels);
  const parts = splitData(loaded, recipe);
  assertClasses(parts.train);
  assertPlainPairs(parts.train, { augmentation: recipe.labels?.augmentation ?? null });
  const student = namedNetwork(recipe.student);
  if (student !== null) buildNetwork(student, parts.train.shape, parts.train.classNames.length);
  const { decoder } = recipe;
  const words = decoder === undefined ? null : await prepareDecoder(decoder, parts, placeOf);
  return {
    name: loaded.train.name,
    parts,
    hash: hashOf(parts, words?.hash),
    recognition: words?.recognition ?? null,
    softLabels,
  };
}

/** A teacher that is there already is asked about samples that are made as its own were. */
async function loadedData(recipe: Recipe, softLabels: SoftLabels | null): Promise<LoadedData> {
  const { data, teacherInputs } = recipe;
  if (softLabels !== null)
    return data === undefined
      ? { train: softLabels.asDataset(), test: null }
      : loadAnyData(encodedAs(softLabels.manifest, data));
  if (data !== undefined) {
    const asked = teacherInputs ?? data;
    const encoded = encodedAs(await recipeEncoding(recipe, asked), asked);
    if (teacherInputs === undefined) return loadAnyData(encoded);
    const samples = await loadAnyData(withClassesOf(encoded, data));
    const inputs = await loadAnyData(encoded);
    return pairedData({ spec: data, data: samples }, { spec: teacherInputs, data: inputs });
  }
  throw new ConfigError("config/missing", {
    where: "recipe",
    rule: '"data" is missing',
    fix: "Add data with a source, for example data: {source: digits}",
  });
}

/**
 * The parts' hashes together: where they are equal, every sample and label is, on the same side.
 */
function hashOf({ train, validation, test }: DataParts, decoder?: string): string {
  const hash = createHash("sha256");
  for (const part of [train, validation, test]) hash.update(`${part?.hash() ?? "none"}\n`);
  for (const part of [train, validation, test])
    if (part?.teacherInputs !== undefined) hash.update(`${seenByTeacher(part).hash()}\n`);
  if (decoder !== undefined) hash.update(`${decoder}\n`);
  return hash.digest("hex");
}

/** @throws as prepareData, and DataError "teacher/..." */
export async function prepare(
  runtime: Runtime,
  recipe: Recipe,
  placeOf: PlaceOf = nameOf,
): Promise<Prepared> {
  const data = await prepareData(recipe, placeOf);
  const { parts, softLabels, recognition } = data;
  if (softLabels !== null) throw noTeacher();
  assertDistilled(recipe);
  const test = requireTest(parts, data.name);
  const threads = recipe.threads ?? 1;
  const teacher = await openTeacher(recipe, { runtime, parts, threads, softLabels });
  const teacherClasses = teacherClassesOf(recipe.teacher);
  const start = await studentStart(recipe);
  const { train, validation } = parts;
  const options = {
    runtime,
    data: { train, validation, test },
    teacher,
    ...(teacherClasses && { teacherClasses }),
    ...studentOptions(recipe, train),
    ...(start && { start }),
    training: { ...recipe.training, threads: recipe.training.threads ?? threads },
    memoryBytes: process.availableMemory(),
    ...chosen(recipe),
    ...transferOptions(recipe, parts),
    ...(recognition && { recognition }),
  };
  return { ...data, teacher, teacherHash: teacherHash(teacher, recipe), options };
}

/** The student, or where the search for it starts. */
function studentOptions({ student }: Recipe, { shape }: Dataset) {
  const named = namedNetwork(student);
  const around = named === null ? startingPoints(shape) : [named];
  const { search } = student;
  return {
    student: around[0]!, // there is one for every shape
    ...(search && { search: { ...boardSearch(search, "student.search"), around } }),
  };
}

/** What a run must know of samples that its students do not see. */
function transferOptions({ transfer }: Recipe, { whole, withheld }: DataParts) {
  if (transfer === undefined) return {};
  const { withoutClasses: _, onlyClasses: __, fraction: ___, ...rest } = transfer;
  const labels = rest.generated && ({ labels: "none" } as const);
  return { transfer: { ...rest, ...labels, whole, withheld } };
}

function requireTest({ test }: DataParts, name: string): Dataset {
  if (test !== null) return test;
  throw new ConfigError("config/missing", {
    where: "split",
    rule: "a comparison needs test samples",
    got: `${name}, which has no test part`,
    fix: "Add split: {test: 0.2}, or data.test with files of its own",
  });
}

function assertDistilled({ arms }: Recipe): void {
  if (arms === undefined || arms.includes("distilled")) return;
  throw new ConfigError("config/conflict", {
    where: "arms",
    rule: "the report tells of the distilled student, so it must be trained",
    got: arms.join(", "),
    fix: "Add distilled; the other arms may be left out",
  });
}

function noTeacher(): ConfigError {
  return new ConfigError("config/conflict", {
    where: "teacher.softLabels",
    rule: "the report compares the student with its teacher on the test samples, so the teacher must be there",
    got: "its soft labels alone",
    fix: "Train the student alone: potstill train PACKAGE RECIPE --out FOLDER",
  });
}

/** How often a training is saved, and how many states stay. */
export function checkpointOptions({ checkpoints = {} }: Recipe): {
  readonly checkpointSeconds?: number;
  readonly keepCheckpoints?: number;
} {
  const { everySeconds, keep } = checkpoints;
  return {
    ...(everySeconds !== undefined && { checkpointSeconds: everySeconds }),
    ...(keep !== undefined && { keepCheckpoints: keep }),
  };
}

/** The optional parts of a recipe that a run takes as they are. */
function chosen(recipe: Recipe) {
  const { distillation, labels, seeds, arms, tuning, convergence, precisions } = recipe;
  const { allowLargerStudent } = recipe;
  return {
    ...checkpointOptions(recipe),
    ...(distillation && { distillation }),
    ...(labels && { labels }),
    ...(seeds && { seeds }),
    ...(arms && { arms }),
    ...(tuning && { tuning }),
    ...(convergence && { convergence }),
    ...(precisions !== undefined && { precisions }),
    ...(allowLargerStudent !== undefined && { allowLargerStudent }),
  };
}

function teacherHash(teacher: TeacherSource, recipe: Recipe): string {
  if (teacher.kind === "given") return teacher.teacher.hash;
  if (teacher.kind === "softLabels") return teacher.softLabels.manifest.teacherHash;
  const files =
    teacher.kind === "ensemble"
      ? teacher.members.flatMap((each) => (each.kind === "given" ? [each.teacher.hash] : []))
      : teacher.kind === "specialists" && teacher.generalist.kind === "model"
        ? [modelHash(teacher.generalist.model)]
        : [];
  const words = [JSON.stringify(recipe.teacher), ...files].join("\n");
  return createHash("sha256").update(words).digest("hex");
}
