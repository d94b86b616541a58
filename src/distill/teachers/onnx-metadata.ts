/**
 * @file What an .onnx file of Potstill's says of itself in its metadata: the classes, and how text
 * was numbered. Files of other tools say neither.
 */

import type { Dataset, TextEncoding } from "../../data/index.ts";
import { DataError } from "../../errors/index.ts";
import { readOnnx } from "../../onnx/index.ts";
import type { Model } from "../../train/index.ts";
import { assertTeacherClasses } from "./assert-teacher.ts";

/** Metadata of a model file, by key. */
type Metadata = Readonly<Record<string, string>>;

export interface OnnxFacts {
  readonly classNames: readonly string[] | null;
  /** token by id */
  readonly vocabulary: readonly string[] | null;
}

/** @returns what is written into the file of a model that goes out */
export function onnxMetadata({ classNames, text }: Pick<Model, "classNames" | "text">): Metadata {
  return {
    classNames: JSON.stringify(classNames),
    preprocessing: "inside the model",
    ...(text && { vocabulary: JSON.stringify(text.vocabulary) }),
  };
}

/** @returns what a file says; null for what it does not say, or not as `onnxMetadata` does */
export function onnxFacts(metadata: Metadata): OnnxFacts {
  return { classNames: names(metadata.classNames), vocabulary: names(metadata.vocabulary) };
}

function names(text: string | undefined): readonly string[] | null {
  try {
    const list: unknown = JSON.parse(text ?? "null");
    return Array.isArray(list) && list.every((each) => typeof each === "string") ? list : null;
  } catch {
    return null; // another tool's
  }
}

/**
 * @returns how a file's training text was numbered; undefined if the file does not say
 * @throws DataError "file/magic" as readOnnx
 */
export function onnxText(bytes: Uint8Array, file: string): TextEncoding | undefined {
  const { graph, metadata } = readOnnx(bytes, file);
  const { vocabulary } = onnxFacts(metadata);
  const length = graph.inputs[0]?.shape?.[1];
  if (vocabulary === null || typeof length !== "number") return undefined;
  return { vocabulary, length };
}

/**
 * @returns the classes that a file names, which are the data's, or null
 * @throws DataError "teacher/class-mismatch", "teacher/vocabulary" if they are not, or its tokens
 */
export function matchedClasses(
  metadata: Metadata,
  { name, file }: { readonly name: string; readonly file: string },
  dataset: Dataset,
): readonly string[] | null {
  const { classNames, vocabulary } = onnxFacts(metadata);
  const classCount = classNames?.length ?? dataset.classNames.length;
  assertTeacherClasses({ name, classNames, classCount }, dataset);
  if (vocabulary !== null) assertVocabulary(file, vocabulary, dataset);
  return classNames;
}

/** @throws DataError "teacher/vocabulary" if a model's tokens are numbered otherwise */
export function assertVocabulary(
  file: string,
  vocabulary: readonly string[] | undefined,
  { name, text }: Pick<Dataset, "name" | "text">,
): void {
  if (vocabulary?.join("\n") === text?.vocabulary.join("\n")) return;
  throw new DataError("teacher/vocabulary", {
    where: file,
    rule: "model and data must number tokens alike",
    got: `${vocabulary?.length ?? "no"} tokens in the model, ${text?.vocabulary.length ?? "none"} in ${name}`,
    fix: "Use the text that the model was trained on, or train a teacher on this text",
  });
}
