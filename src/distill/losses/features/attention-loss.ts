/** @file Attention transfer: where a layer is active, whatever its channels say. */

import type { Value } from "../../../engine/graph/index.ts";
import { mul, reduceMean } from "../../../engine/ops/index.ts";
import { showShape } from "../../../engine/tensor/index.ts";
import { ShapeError } from "../../../errors/index.ts";
import { reconstructionErrors } from "../reconstruction-loss.ts";
import { type SampleWeighting, weightedSum } from "../weighted-sum.ts";
import { rowsOf, unitRows } from "./feature-rows.ts";
import { matchedMaps } from "./matched-maps.ts";

/**
 * Mean squared difference of both models' attention maps.
 *
 *   a(F) = m / ‖m‖,  m_i = mean_c F_ci²      i: positions, laid flat
 *   L = Σ_b w_b · mean_i (a(F^s)_bi − a(F^t)_bi)²
 *
 * The number of channels may differ, and a factor on all features of a sample changes nothing.
 * Where the models' maps differ in size, the features of the larger one are average-pooled first.
 * A map that is 0 everywhere attends to nothing: a = 0, and no gradient flows into it. This is the
 * authors' code, with mean squared differences and a weight of 1000 for a term; eq. 2 of the paper
 * has the length of the difference, and its maps sum over channels, which ‖m‖ takes out again.
 *
 * @param student float32 [batch, channels, height, width] or [batch, channels, length]
 * @param teacher the same with other channels and, by whole factors, other sizes; no gradient
 *   flows into it
 * @returns float32 [], in [0, 2/n Σ w] with n positions
 * @throws ShapeError "shape/rank" for other axes; "shape/mismatch" if batch or number of axes
 *   differ, if a size is no multiple of the other's, or there is not one weight per sample;
 *   "shape/positions" for maps with one position in common
 * @see Zagoruyko, Komodakis (2017), Paying More Attention to Attention, §3.1, arXiv:1612.03928
 */
export function attentionLoss(
  student: Value,
  teacher: Value,
  options: SampleWeighting = {},
): Value {
  const name = "attentionLoss";
  const [ofStudent, ofTeacher] = matchedMaps(name, { student, teacher }).map(attention);
  if (ofStudent!.shape[1]! < 2) throw onePlace(name, student, teacher);
  return weightedSum(name, reconstructionErrors(ofStudent!, ofTeacher!), options);
}

function onePlace(where: string, student: Value, teacher: Value): ShapeError {
  return new ShapeError("shape/positions", {
    where,
    rule: "maps must share two positions or more: where there is one, all attention is on it",
    got: `${showShape(student.shape)} and ${showShape(teacher.shape)}`,
    fix: "Choose layers before the pooling that leaves one position",
    details: { shapes: [student.shape, teacher.shape] },
  });
}

/** @returns [batch, positions], each row of length 1 or 0 */
function attention(map: Value): Value {
  return unitRows(rowsOf(reduceMean(mul(map, map), { axes: [1] })));
}
