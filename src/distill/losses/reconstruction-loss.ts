/** @file Reconstruction: squared error between what went in and what came out. */

import type { Value } from "../../engine/graph/index.ts";
import { assertSameShape, mul, reduceMean, stopGradient, sub } from "../../engine/ops/index.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

/**
 * Mean squared difference of each sample, over all its elements.
 *
 *   L = Σ_b w_b · 1/n Σ_i (y_bi − x_bi)²      n elements a sample
 *
 * With the network's input as target an autoencoder learns to reconstruct; with a teacher's
 * reconstruction it learns what the teacher keeps of a sample, and loses.
 *
 * @param output float32 [batch, ...]; @param target same shape: the preprocessed samples, or a
 *   teacher's output; no gradient flows into it
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch"
 * @see Hinton, Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks,
 *   Science 313
 */
export function reconstructionLoss(
  output: Value,
  target: Value,
  options: SampleWeighting = {},
): Value {
  return weightedSum("reconstructionLoss", reconstructionErrors(output, target), options);
}

/**
 * The error of each sample: how unusual it is to a network that has learned usual ones.
 *
 * @returns float32 [batch]; arguments and errors as reconstructionLoss
 */
export function reconstructionErrors(output: Value, target: Value): Value {
  assertSameShape("reconstructionLoss", { output, target });
  const difference = sub(output, stopGradient(target));
  const axes = output.shape.map((_, axis) => axis).slice(1);
  return reduceMean(mul(difference, difference), { axes });
}
