/** @file What is checked of a network of Potstill's own before it is asked about a data set. */

import type { Dataset } from "../../data/index.ts";
import { sameShape, showShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { Model } from "../training/model-file.ts";
import { assertFrames, assertVocabulary } from "./sample-encoding.ts";

type FittingModel = Pick<Model, "sample" | "classNames" | "text" | "frames">;

/**
 * @param file names the model in messages
 * @throws DataError "teacher/input-shape" for samples of another dtype or shape than it was trained
 *   on, "teacher/vocabulary", "teacher/frames", "teacher/class-mismatch"
 */
export function assertModelFits(
  { sample, classNames, text, frames }: FittingModel,
  file: string,
  dataset: Pick<Dataset, "name" | "dtype" | "shape" | "classNames" | "text" | "frames">,
): void {
  const { dtype, shape } = dataset;
  if (sample.dtype !== dtype || !sameShape(sample.shape, shape))
    throw new DataError("teacher/input-shape", {
      where: file,
      rule: `the model takes ${sample.dtype} ${showShape(sample.shape)}`,
      got: `${dtype} ${showShape(shape)} from ${dataset.name}`,
      fix: "Use data like those that it was trained on",
      details: { dtype, shape },
    });
  assertVocabulary(file, text?.vocabulary, dataset);
  assertFrames(file, frames, dataset);
  const differ =
    classNames.length !== dataset.classNames.length ||
    classNames.some((name, label) => name !== dataset.classNames[label]);
  if (differ)
    throw new DataError("teacher/class-mismatch", {
      where: file,
      rule: `the model has ${classNames.length} classes: ${classNames.join(", ")}`,
      got: `${dataset.classNames.length} in ${dataset.name}: ${dataset.classNames.join(", ")}`,
      fix: "Use data with the same classes in the same order, or give data.classNames; in a recipe, teacher.classes names those of a teacher that knows some",
      details: { teacher: classNames, data: dataset.classNames },
    });
}
