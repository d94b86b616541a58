/** @file How a model's samples were made, so that a command's data are made alike. */

import { type DataSpec, sameFrames } from "../../data/index.ts";
import { readFileBytes } from "../../data/sources/index-node.ts";
import { onnxEncoding, readModel, type SampleEncoding } from "../../distill/index.ts";
import { readOnnxFile } from "../../distill/onnx-file-node.ts";
import { ConfigError } from "../../errors/index.ts";
import {
  type CheckpointTeacherRecipe,
  type ModelTeacherRecipe,
  type Recipe,
  type TeacherRecipe,
  teacherClassesOf,
} from "../spec/index.ts";
import { startFile } from "./student-start.ts";

export type ModelFile = ModelTeacherRecipe | CheckpointTeacherRecipe;

/** @returns what a file is, by its name: .onnx, or a model of Potstill's own */
export function modelFileAt(path: string): ModelFile {
  return path.endsWith(".onnx") ? { model: path } : { checkpoint: path };
}

export const pathOf = (file: ModelFile): string => ("model" in file ? file.model : file.checkpoint);

/** @returns a model's bytes, with the weights that an .onnx file keeps beside it */
export function readModelFile(file: ModelFile, what: string): Promise<Uint8Array> {
  return "model" in file ? readOnnxFile(file.model, what) : readFileBytes(file.checkpoint, what);
}

/** Sources whose samples are made by numbers that a model has kept: `encodedAs`. */
function isEncoded({ source }: DataSpec): boolean {
  return source === "text" || source === "frames" || source === "speech";
}

/**
 * @returns how a model's training samples were made: nothing for files of other tools; read only
 *   where the source needs it
 */
export async function encodingOf(spec: DataSpec, file: ModelFile): Promise<SampleEncoding> {
  if (!isEncoded(spec)) return {};
  const path = pathOf(file);
  const bytes = await readModelFile(file, "a trained model");
  if ("model" in file) return onnxEncoding(bytes, path);
  const { text, frames, classNames } = readModel(bytes, path);
  return { text, frames, classNames };
}

/**
 * @returns data whose text is numbered, and whose frames are made, as the model's were; where they
 *   name the class of each sample, of the model's classes
 */
export function encodedAs({ text, frames, classNames }: SampleEncoding, spec: DataSpec): DataSpec {
  const classes = classNames && { classNames };
  if (spec.source === "text") return { ...classes, ...spec, encoding: text };
  if (spec.source === "speech") return { ...classes, ...spec, encoding: frames };
  return spec.source === "frames" ? { ...spec, encoding: frames } : spec;
}

/** @returns data whose classes are in the order that others name, unless they name their own */
export function withClassesOf(others: DataSpec, spec: DataSpec): DataSpec {
  const named = "classNames" in others && others.classNames !== undefined;
  if (!named || spec.source === "digits" || spec.source === "shards") return spec;
  return { classNames: others.classNames, ...spec };
}

/** @returns the files that a teacher is read from */
export function teacherFiles(teacher: TeacherRecipe): readonly ModelFile[] {
  if ("ensemble" in teacher) return teacher.ensemble.flatMap(teacherFiles);
  if ("specialists" in teacher) return teacherFiles(teacher.specialists.generalist);
  return "model" in teacher || "checkpoint" in teacher ? [teacher] : [];
}

/**
 * How a run's samples are made: as its teacher's were; where no teacher says, and the student sees
 * what the teacher sees, as those of the model that students start from.
 *
 * @throws as teacherEncoding
 */
export async function recipeEncoding(
  recipe: Pick<Recipe, "teacher" | "teacherInputs" | "student">,
  spec: DataSpec,
): Promise<SampleEncoding> {
  const found = await teacherEncoding(recipe, spec);
  const start = startFile(recipe);
  const isSaid = found.text !== undefined || found.frames !== undefined;
  if (isSaid || start === undefined || recipe.teacherInputs !== undefined) return found;
  const { classNames: _, ...samples } = await encodingOf(spec, { checkpoint: start });
  return { ...found, ...samples };
}

/**
 * How a teacher from files wants its samples: the first member that says decides.
 *
 * @throws ConfigError "config/conflict" naming two files that want them otherwise
 */
export async function teacherEncoding(
  { teacher }: Pick<Recipe, "teacher">,
  spec: DataSpec,
): Promise<SampleEncoding> {
  let found: { readonly file: ModelFile; readonly encoding: SampleEncoding } | undefined;
  const knowsAll = teacherClassesOf(teacher) === undefined;
  for (const file of teacherFiles(teacher)) {
    const { classNames, ...samples } = await encodingOf(spec, file);
    const encoding = { ...samples, ...(knowsAll && classNames && { classNames }) };
    if (encoding.text === undefined && encoding.frames === undefined) continue;
    found ??= { file, encoding };
    const { text, frames } = found.encoding;
    const isSame =
      text?.vocabulary.join("\n") === encoding.text?.vocabulary.join("\n") &&
      sameFrames(frames, encoding.frames);
    if (!isSame) throw unlike(found.file, file);
  }
  return found?.encoding ?? {};
}

function unlike(first: ModelFile, other: ModelFile): ConfigError {
  return new ConfigError("config/conflict", {
    where: "teacher",
    rule: "teachers that are asked about one sample must number text, and standardise frames, alike",
    got: `${pathOf(first)} and ${pathOf(other)}, which were trained on samples made otherwise`,
    fix: "Train them on the same data, the second with the first as its teacher for instance",
  });
}

/** @returns words that are equal for recipes whose data and parts are */
export async function dataKey(recipe: Recipe): Promise<string> {
  const { data, teacherInputs, split, labelled, transfer, teacher } = recipe;
  const source = "softLabels" in teacher ? teacher.softLabels : null;
  const asked = teacherInputs ?? data;
  const encoding = asked === undefined ? {} : await recipeEncoding(recipe, asked);
  return JSON.stringify([data, teacherInputs, split, labelled, transfer, source, encoding]);
}
