/** @file Logit matching: squared error between zero-mean logits. */

import type { Value } from "../../engine/graph/index.ts";
import { mul, reduceMean, reduceSum, stopGradient, sub } from "../../engine/ops/index.ts";
import { assertSameClasses } from "./assert-logits.ts";
import { type EnsembleMean, meanLogits } from "./soft-targets.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

/**
 * Half the mean squared difference of zero-mean logits.
 *
 *   z' = z − mean_c z      v' = v − mean_c v
 *   L = Σ_b w_b · 1/(2C) Σ_c (z'_c − v'_c)²
 *
 * This is the limit of the T²-scaled soft-target loss as T → ∞, so the two can change places
 * without changing weights. An ensemble's members are averaged as logits,
 * with their weights.
 *
 * @param studentLogits float32 [batch, classes]; @param teacherLogits float32 [batch, classes] or
 *   [batch, members, classes]
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch"
 * @see Ba, Caruana (2014), Do Deep Nets Really Need to be Deep?, arXiv:1312.6184; Hinton et al.
 *   (2015), §2.1
 */
export function logitMatchingLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SampleWeighting & { readonly ensembleMean?: EnsembleMean | undefined } = {},
): Value {
  assertSameClasses("logitMatchingLoss", studentLogits, teacherLogits);
  const teacher =
    teacherLogits.shape.length === 3
      ? meanLogits(teacherLogits, options.ensembleMean)
      : teacherLogits; // [batch, classes]
  const difference = sub(studentLogits, stopGradient(teacher));
  const centred = sub(difference, reduceMean(difference, { axes: [1], keepDims: true }));
  const squares = reduceSum(mul(centred, centred), { axes: [1], keepDims: false }); // [batch]
  const perSample = mul(squares, 1 / (2 * studentLogits.shape[1]!));
  return weightedSum("logitMatchingLoss", perSample, options);
}
