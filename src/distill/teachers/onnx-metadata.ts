/**
 * @file What an .onnx file of Potstill's says of itself in its metadata: the classes, how text was
 * numbered, and how frames were made. Files of other tools say none of it.
 */

import { z } from "zod";
import { type Dataset, type FrameEncoding, orderedFrames } from "../../data/index.ts";
import { framesSchema } from "../../data/sample-schema.ts";
import { readOnnx } from "../../engine/onnx/index.ts";
import type { Model } from "../training/model-file.ts";
import { assertTeacherClasses } from "./assert-teacher.ts";
import { assertFrames, assertVocabulary, type SampleEncoding } from "./sample-encoding.ts";

/** Metadata of a model file, by key. */
type Metadata = Readonly<Record<string, string>>;

export interface OnnxFacts {
  readonly classNames: readonly string[] | null;
  /** token by id */
  readonly vocabulary: readonly string[] | null;
  readonly frames: FrameEncoding | null;
}

/** @returns what is written into the file of a model that goes out */
export function onnxMetadata(model: SampleEncoding & Pick<Model, "classNames">): Metadata {
  return {
    classNames: JSON.stringify(model.classNames),
    preprocessing: "inside the model",
    ...encodingMetadata(model),
  };
}

/** @returns of it what says how samples are made before they are the model's input */
export function encodingMetadata({ text, frames }: SampleEncoding): Metadata {
  return {
    ...(text && { vocabulary: JSON.stringify(text.vocabulary) }),
    ...(frames && { frames: JSON.stringify(orderedFrames(frames)) }),
  };
}

/** @returns what a file says; null for what it does not say, or not as `onnxMetadata` does */
export function onnxFacts(metadata: Metadata): OnnxFacts {
  return {
    classNames: parsed(metadata.classNames, namesSchema),
    vocabulary: parsed(metadata.vocabulary, namesSchema),
    frames: parsed(metadata.frames, framesSchema),
  };
}

const namesSchema = z.array(z.string());

function parsed<T>(text: string | undefined, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text ?? "null"));
  } catch {
    return null; // another tool's
  }
}

/**
 * @returns what a file says of how its training samples were made
 * @throws DataError "file/magic" as readOnnx
 */
export function onnxEncoding(bytes: Uint8Array, file: string): SampleEncoding {
  const { graph, metadata } = readOnnx(bytes, file);
  const { classNames, vocabulary, frames } = onnxFacts(metadata);
  const length = graph.inputs[0]?.shape?.[1];
  return {
    ...(classNames !== null && { classNames }),
    ...(vocabulary !== null && typeof length === "number" && { text: { vocabulary, length } }),
    ...(frames !== null && { frames }),
  };
}

/**
 * @param known the classes that are asked of it, where these are not the data's
 * @returns the classes that a file names, which are these or the data's; for a file that names none
 *   those that are asked of it, or null
 * @throws DataError "teacher/class-mismatch", "teacher/vocabulary", "teacher/frames" if they are
 *   not, or the samples were made otherwise
 */
export function matchedClasses(
  metadata: Metadata,
  { name, file }: { readonly name: string; readonly file: string },
  dataset: Dataset,
  known?: readonly string[],
): readonly string[] | null {
  const { classNames, vocabulary, frames } = onnxFacts(metadata);
  const classCount = (classNames ?? known ?? dataset.classNames).length;
  assertTeacherClasses({ name, classNames, classCount }, dataset, known);
  if (vocabulary !== null) assertVocabulary(file, vocabulary, dataset);
  if (frames !== null) assertFrames(file, frames, dataset);
  return classNames ?? known ?? null;
}
