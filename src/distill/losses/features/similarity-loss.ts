/** @file Similarity-preserving distillation: which samples of a batch activate a layer alike. */

import type { Value } from "../../../engine/graph/index.ts";
import {
  heaviside,
  matMul,
  mul,
  reduceSum,
  reshape,
  stopGradient,
  sub,
  transpose,
} from "../../../engine/ops/index.ts";
import { batchWeights, type SampleWeighting } from "../weighted-sum.ts";
import { assertBatches, rowsOf, unitRows } from "./feature-rows.ts";

/**
 * Squared difference of both models' similarities between the samples of a batch.
 *
 *   G_i = g_i / ‖g_i‖,  g_ij = ⟨F_i, F_j⟩      F_i: all features of sample i
 *   L = Σ_ij w_i w_j (G^t_ij − G^s_ij)²
 *
 * With w = 1/batch this is ‖G^t − G^s‖² / batch². Widths may differ, and neither a rotation of the
 * features nor one factor on all of them changes anything. A sample of weight 0 is compared with
 * nothing: it is no part of another's row, nor of its length. Weights enter twice: half of each is
 * a quarter of L. A sample whose features are all 0 resembles nothing, and no gradient flows into
 * it from its own row. The authors' weight of the term is 3000, on the last map.
 *
 * @param student float32 [batch, ...]
 * @param teacher float32 [batch, ...], any other sizes; no gradient flows into it
 * @returns float32 [], in [0, 4 Σ w · max w]
 * @throws ShapeError "shape/rank" for less than two axes; "shape/mismatch" if the batch differs, or
 *   there is not one weight per sample
 * @see Tung, Mori (2019), Similarity-Preserving Knowledge Distillation, §3, arXiv:1907.09682
 */
export function similarityLoss(
  student: Value,
  teacher: Value,
  options: SampleWeighting = {},
): Value {
  const name = "similarityLoss";
  assertBatches(name, student, teacher);
  const weights = reshape(batchWeights(name, student, options), [1, student.shape[0]!]);
  const counted = heaviside(weights); // [1, batch]
  const ofStudent = similarities(student, counted); // [batch, batch]
  const difference = sub(similarities(stopGradient(teacher), counted), ofStudent);
  const pairWeights = matMul(transpose(weights), weights); // [batch, batch]
  return reduceSum(mul(mul(difference, difference), pairWeights));
}

/** @returns [batch, batch]: each sample's row, of length 1 or 0, over the samples that count */
function similarities(features: Value, counted: Value): Value {
  const rows = rowsOf(features); // [batch, elements]
  return unitRows(mul(matMul(rows, transpose(rows)), counted));
}
