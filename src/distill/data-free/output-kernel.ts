/** @file The weights of a classifier's last layer, which say how alike its classes are. */

import type { ParameterSpec } from "../../engine/nn/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { type Model, networkOf } from "../training/model-file.ts";
import { tokenIds } from "./generated-spec.ts";

/**
 * @returns the parameter [features, classes] of a network that impressions can be made of
 * @throws ConfigError "config/conflict" for a network that reads token ids, or whose last layer is
 *   not dense
 */
export function outputKernel(about: Omit<Model, "weights">): ParameterSpec {
  const { name, vocabulary, parameters, outputShape } = networkOf(about);
  if (vocabulary !== undefined) throw tokenIds();
  const kernel = parameters.findLast(({ role }) => role === "kernel");
  const classes = about.classNames.length;
  const isClassifier = outputShape.length === 1 && outputShape[0] === classes;
  if (isClassifier && kernel?.shape.length === 2 && kernel.shape[1] === classes) return kernel;
  throw new ConfigError("config/conflict", {
    where: "impressions",
    rule: "the teacher must end in a dense layer with a column of weights for each class",
    got: `${name}, whose last kernel is ${kernel?.name ?? "none"}`,
    fix: "Choose another network, or kind: noise",
  });
}
