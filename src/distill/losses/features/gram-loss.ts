/** @file Flow of the solution procedure (FSP): how a network goes from one layer to another. */

import type { Value } from "../../../engine/graph/index.ts";
import { div, matMul, reshape, transpose } from "../../../engine/ops/index.ts";
import { elementCount, sameShape, showShape } from "../../../engine/tensor/index.ts";
import { ShapeError } from "../../../errors/index.ts";
import { reconstructionErrors } from "../reconstruction-loss.ts";
import { type SampleWeighting, weightedSum } from "../weighted-sum.ts";
import { matchedMaps } from "./matched-maps.ts";

/** Outputs of two layers of one model, for the same batch. */
export type LayerPair = readonly [first: Value, second: Value];

/**
 * Mean squared difference of both models' Gram matrices between two layers.
 *
 *   G_cd = 1/n Σ_i F1_ci F2_di      i: the n positions of the smaller map; c, d: channels
 *   L = Σ_b w_b · mean_cd (G^s_bcd − G^t_bcd)²
 *
 * Where the two layers of a model differ in size, the larger map (the first, as a rule) is
 * average-pooled to the other; some implementations take the maximum instead. The models' maps may
 * differ in size, but not in channels. The authors teach with it before the labels; later
 * implementations add it to their loss, with a weight of 50.
 *
 * @param studentPair float32 [batch, c1, height, width] and [batch, c2, height', width'], or
 *   [batch, c1, length] and [batch, c2, length']; of any two sizes the larger is a multiple
 * @param teacherPair the same with the same channels; no gradient flows into it
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/rank" for other axes; "shape/mismatch" if the two maps of a model
 *   differ in batch or number of axes, if a size is no multiple of the other's, if the models
 *   differ in batch or channels, or there is not one weight per sample
 * @see Yim et al. (2017), A Gift from Knowledge Distillation, §3.2-3.3, CVPR
 */
export function gramLoss(
  studentPair: LayerPair,
  teacherPair: LayerPair,
  options: SampleWeighting = {},
): Value {
  const name = "gramLoss";
  const student = gram(name, "student", studentPair); // [batch, c1, c2]
  const teacher = gram(name, "teacher", teacherPair);
  if (!sameShape(student.shape, teacher.shape))
    throw new ShapeError("shape/mismatch", {
      where: name,
      rule: "student and teacher must have the same [batch, channels of the first layer, channels of the second]",
      got: `${showShape(student.shape)} and ${showShape(teacher.shape)}`,
      fix: "Choose layers of the same widths, or bring the student's to the teacher's first",
      details: { shapes: [student.shape, teacher.shape] },
    });
  return weightedSum(name, reconstructionErrors(student, teacher), options);
}

/** @returns [batch, c1, c2] */
function gram(where: string, model: string, [first, second]: LayerPair): Value {
  const maps = { [`${model}'s first`]: first, [`${model}'s second`]: second };
  const [f1, f2] = matchedMaps(where, maps).map(channelRows); // [batch, channels, positions]
  return div(matMul(f1!, transpose(f2!, [0, 2, 1])), f1!.shape[2]!);
}

/** @returns [batch, channels, positions] */
function channelRows(map: Value): Value {
  const [batch, channels, ...positions] = map.shape;
  return reshape(map, [batch!, channels!, elementCount(positions)]);
}
