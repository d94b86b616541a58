/**
 * @file Logit standardisation (LSKD): each sample's logits brought to mean 0 and deviation 1. Wraps
 * any logit loss.
 */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  div,
  maximum,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  sub,
} from "../../engine/ops/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { ShapeError } from "../../errors/index.ts";
import { zeroThreshold } from "./zero-threshold.ts";

/** Added to the deviation, as in the authors' code. */
const epsilon = 1e-7;

/**
 * y = (z − mean_c z) / (1e-7 + std_c z), with the unbiased deviation (divided by C − 1).
 *
 * Apply it to student and teacher, then any loss on logits: the student need not copy the size of
 * the teacher's logits, only their relations. The authors combine it with T = 2 and weight 9 beside
 * 0.1 for the labels.
 *
 * @param logits float32 [..., classes], at least two classes
 * @returns float32, same shape; unchanged if z becomes a · z + b with a > 0 (up to epsilon)
 * @throws ShapeError "shape/classes" for fewer than two classes
 * @see Sun et al. (2024), Logit Standardization in Knowledge Distillation, §4, arXiv:2403.01427
 */
export function standardizeLogits(logits: Value): Value {
  const classes = logits.shape.at(-1) ?? 0;
  if (classes < 2)
    throw new ShapeError("shape/classes", {
      where: "standardizeLogits",
      rule: "a deviation needs at least two classes",
      got: showShape(logits.shape),
      fix: "Leave standardisation out",
    });
  const last = { axes: [logits.shape.length - 1], keepDims: true };
  const centred = sub(logits, reduceMean(logits, last)); // [..., classes]
  const variance = div(reduceSum(mul(centred, centred), last), classes - 1); // [..., 1]
  return div(centred, add(sqrt(maximum(variance, zeroThreshold)), epsilon));
}
