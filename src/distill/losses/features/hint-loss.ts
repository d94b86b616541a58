/** @file Hints: the student's features become the teacher's, element by element. */

import type { Value } from "../../../engine/graph/index.ts";
import { assertSameShape } from "../../../engine/ops/index.ts";
import { reconstructionErrors } from "../reconstruction-loss.ts";
import { type SampleWeighting, weightedSum } from "../weighted-sum.ts";
import { assertBatches } from "./feature-rows.ts";

/**
 * Mean squared difference of each sample's features.
 *
 *   L = Σ_b w_b · 1/n Σ_i (s_bi − t_bi)²      n elements a sample
 *
 * Where the student's layer has another width than the teacher's, a regressor that is trained
 * along with the student stands between its features and this loss. The authors halve the sum of
 * squares; here it is the mean, as in later implementations, whose weight of the term is 100.
 *
 * @param student float32 [batch, ...], what the regressor made of the student's features
 * @param teacher same shape; no gradient flows into it
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch" if the shapes differ, or there is not one weight per sample;
 *   "shape/rank" for less than two axes
 * @see Romero et al. (2015), FitNets: Hints for Thin Deep Nets, §2.2, eq. 3, arXiv:1412.6550
 */
export function hintLoss(student: Value, teacher: Value, options: SampleWeighting = {}): Value {
  const name = "hintLoss";
  assertBatches(name, student, teacher);
  assertSameShape(name, { student, teacher });
  return weightedSum(name, reconstructionErrors(student, teacher), options);
}
