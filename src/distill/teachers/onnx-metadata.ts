/**
 * @file What an .onnx file of Potstill's says of itself in its metadata: the classes, how text was
 * numbered, and by what frames were standardised. Files of other tools say none of it.
 */

import { z } from "zod";
import {
  type Dataset,
  type FeatureStatistics,
  sameStatistics,
  standardizationSchema,
} from "../../data/index.ts";
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
  readonly standardization: FeatureStatistics | null;
}

/** How a model wants its samples made, beside their shape. */
export type SampleEncoding = Pick<Model, "text" | "standardization">;

/** @returns what is written into the file of a model that goes out */
export function onnxMetadata({
  classNames,
  text,
  standardization,
}: SampleEncoding & Pick<Model, "classNames">): Metadata {
  return {
    classNames: JSON.stringify(classNames),
    preprocessing: "inside the model",
    ...(text && { vocabulary: JSON.stringify(text.vocabulary) }),
    ...(standardization && {
      standardization: JSON.stringify({
        mean: standardization.mean,
        deviation: standardization.deviation,
      }),
    }),
  };
}

/** @returns what a file says; null for what it does not say, or not as `onnxMetadata` does */
export function onnxFacts(metadata: Metadata): OnnxFacts {
  return {
    classNames: parsed(metadata.classNames, namesSchema),
    vocabulary: parsed(metadata.vocabulary, namesSchema),
    standardization: parsed(metadata.standardization, standardizationSchema),
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
  const { vocabulary, standardization } = onnxFacts(metadata);
  const length = graph.inputs[0]?.shape?.[1];
  return {
    ...(vocabulary !== null && typeof length === "number" && { text: { vocabulary, length } }),
    ...(standardization !== null && { standardization }),
  };
}

/**
 * @returns the classes that a file names, which are the data's, or null
 * @throws DataError "teacher/class-mismatch", "teacher/vocabulary", "teacher/standardization" if
 *   they are not, or the samples were made otherwise
 */
export function matchedClasses(
  metadata: Metadata,
  { name, file }: { readonly name: string; readonly file: string },
  dataset: Dataset,
): readonly string[] | null {
  const { classNames, vocabulary, standardization } = onnxFacts(metadata);
  const classCount = classNames?.length ?? dataset.classNames.length;
  assertTeacherClasses({ name, classNames, classCount }, dataset);
  if (vocabulary !== null) assertVocabulary(file, vocabulary, dataset);
  if (standardization !== null) assertStandardization(file, standardization, dataset);
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

/**
 * A model that does not say by what (undefined) fits any frames: files of before say nothing.
 *
 * @throws DataError "teacher/standardization" if the model's frames were standardised otherwise
 */
export function assertStandardization(
  file: string,
  own: FeatureStatistics | undefined,
  { name, standardization }: Pick<Dataset, "name" | "standardization">,
): void {
  if (own === undefined || sameStatistics(own, standardization)) return;
  throw new DataError("teacher/standardization", {
    where: file,
    rule: "model and data must standardise frames by the same means and deviations",
    got: standardization === undefined ? `none in ${name}` : `others in ${name}`,
    fix: "Load the data with the model's own: loadData({…, statistics: model.standardization})",
  });
}
