/** @file Softened KL for teachers of independent classes, each with a probability of its own. */

import type { Value } from "../../engine/graph/index.ts";
import { concat, div, logSoftmax, reduceSum, reshape, transpose } from "../../engine/ops/index.ts";
import { elementCount } from "../../engine/tensor/index.ts";
import { assertSameClasses } from "./assert-logits.ts";
import { constantLike } from "./constant-like.ts";
import { klPerSample } from "./log-arithmetic.ts";
import { softTargets } from "./soft-targets.ts";
import { type DivergenceOptions, scaledSum } from "./softened.ts";
import { assertTemperature } from "./temperature.ts";

/** T is 4 by default. */
export type SigmoidTargetOptions = DivergenceOptions;

/**
 * Distance between the teacher's and the student's softened answers to "is it class c?", for every
 * class on its own.
 *
 *   p_c = σ(teacherLogits_c / T)      q_c = σ(studentLogits_c / T)
 *   L = T² · Σ_b w_b Σ_class [ p ln(p / q) + (1 − p) ln((1 − p) / (1 − q)) ]          [nats]
 *
 * For teachers that end in a sigmoid: their probabilities do not sum to 1, so a softmax over the
 * classes would be another teacher. Each class is a distribution over (z, 0), whose softmax is
 * (σ(z), 1 − σ(z)); everything stays in logarithms. The teacher receives no gradient.
 *
 * @param studentLogits float32 [batch, classes], one independent logit per class
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble; the
 *   same. Members' arithmetic mean is of probabilities, their geometric mean that of the logits
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch" if batch or classes differ; ConfigError "config/range" if T ≤
 *   0
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2,
 *   arXiv:1503.02531, applied to each class as a problem of two classes
 */
export function sigmoidTargetLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SigmoidTargetOptions = {},
): Value {
  const where = "sigmoidTargetLoss";
  const { temperature = 4, ensembleMean } = options;
  assertTemperature(where, temperature);
  assertSameClasses(where, studentLogits, teacherLogits);
  const [batch, classes] = studentLogits.shape;
  const members = teacherLogits.shape.length === 3 ? teacherLogits.shape[1]! : 1;
  const byMember = reshape(teacherLogits, [batch!, members, classes!]);
  const byClass = transpose(byMember, [0, 2, 1]); // [batch, classes, members]
  const rows = batch! * classes!;
  const teacher = twoClasses(reshape(byClass, [rows, members, 1])); // [rows, members, 2]
  const student = twoClasses(reshape(studentLogits, [rows, 1])); // [rows, 2]
  const logP = softTargets(teacher, temperature, ensembleMean); // [rows, 2]
  const logQ = logSoftmax(div(student, temperature), -1); // [rows, 2]
  const perClass = reshape(klPerSample(logP, logQ), [batch!, classes!]);
  return scaledSum(
    where,
    reduceSum(perClass, { axes: [1], keepDims: false }),
    temperature,
    options,
  );
}

/** @param logits [..., 1]. @returns [..., 2]: the logit, and 0 */
function twoClasses(logits: Value): Value {
  const { shape } = logits;
  const zero = constantLike(logits, shape, new Float64Array(elementCount(shape)));
  return concat([logits, zero], shape.length - 1);
}
