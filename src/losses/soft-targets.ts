/** @file The teacher's softened class distribution, of one model or of an ensemble. */

import { ShapeError } from "../errors/index.ts";
import type { Value } from "../graph/index.ts";
import {
  add,
  div,
  exp,
  log,
  logSoftmax,
  reduceMax,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
} from "../ops/index.ts";
import { showShape } from "../tensor/index.ts";
import type { Temperature } from "./temperature.ts";

/**
 * How an ensemble's members become one distribution:
 * "arithmetic": mean of the members' softened probabilities; "geometric": their renormalised
 * geometric mean, which is the softmax of the mean logits; so "logits" is the same function under
 * its other name.
 */
export type EnsembleMean = "arithmetic" | "geometric" | "logits";

/**
 * log p, where p is the teacher's distribution at temperature T. No gradient flows through it.
 *
 *   one model:   p = softmax(v / T)
 *   arithmetic:  p = 1/M Σ_m softmax(v_m / T)
 *   geometric:   p ∝ exp(1/M Σ_m log softmax(v_m / T))
 *
 * @param teacherLogits float32 [batch, classes] or [batch, members, classes], unnormalised
 * @returns float32 [batch, classes]: natural logarithms of probabilities
 * @throws ShapeError "shape/rank" for any other rank
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2 and §3,
 *   arXiv:1503.02531
 */
export function softTargets(
  teacherLogits: Value,
  temperature: Temperature,
  mean: EnsembleMean = "arithmetic",
): Value {
  const rank = teacherLogits.shape.length;
  if (rank !== 2 && rank !== 3)
    throw new ShapeError("shape/rank", {
      where: "softTargets",
      rule: "teacherLogits must be [batch, classes] or [batch, members, classes]",
      got: showShape(teacherLogits.shape),
      fix: "Reshape them",
    });
  const scaled = div(stopGradient(teacherLogits), temperature);
  if (rank === 2) return logSoftmax(scaled, -1);
  if (mean !== "arithmetic")
    return logSoftmax(reduceMean(scaled, { axes: [1], keepDims: false }), -1); // [batch, classes]
  const logMember = logSoftmax(scaled, -1); // [batch, members, classes]
  const top = reduceMax(logMember, { axes: [1], keepDims: true }); // [batch, 1, classes]
  // [batch, classes]
  const sum = reduceMean(exp(sub(logMember, top)), { axes: [1], keepDims: false });
  return add(log(sum), reduceSum(top, { axes: [1], keepDims: false })); // [batch, classes]
}
