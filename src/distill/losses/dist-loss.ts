/**
 * @file DIST: correlation with the teacher, between the classes of a sample and between the samples
 * of a class.
 */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  div,
  exp,
  maximum,
  mul,
  reduceSum,
  reshape,
  sqrt,
  sub,
} from "../../engine/ops/index.ts";
import { assertInRange } from "../../errors/index.ts";
import { type DivergenceOptions, scaledSum, softened } from "./softened.ts";
import { batchWeights } from "./weighted-sum.ts";
import { zeroThreshold } from "./zero-threshold.ts";

export interface DistOptions extends DivergenceOptions {
  /** weight of the relation between a sample's classes, ≥ 0; default 1 */
  readonly interClassWeight?: number;
  /** weight of the relation between the samples of a class, ≥ 0; default 1 */
  readonly intraClassWeight?: number;
}

/** Keeps the denominator off zero, as in the authors' code. */
const epsilon = 1e-8;

/**
 * One minus Pearson's correlation of student and teacher, along both axes of the batch.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   ρ(a, b) = ⟨a − ā, b − b̄⟩ / (‖a − ā‖ ‖b − b̄‖ + 1e-8)
 *   L = T² · [ γ₁ Σ_b w_b (1 − ρ(q_b, p_b)) + γ₂ Σ_b w_b · mean_c (1 − ρ(q_·c, p_·c)) ]
 *
 * Asks for the teacher's preferences, not for its exact probabilities, which suits strong teachers.
 * Correlations between samples weigh each sample by w_b, so padding and unlabelled samples are left
 * out; a batch of one, or a class with one probability throughout, correlates with nothing (ρ = 0).
 * T is 4 by default (the authors' choice for CIFAR; 1 for ImageNet), their weight of the term is 2
 * beside 1 for the labels.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], in [0, 2 T² (γ₁ + γ₂) Σ w]
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if T ≤ 0 or a weight is negative
 * @see Huang et al. (2022), Knowledge Distillation from A Stronger Teacher, §4, arXiv:2205.10536
 */
export function distLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: DistOptions = {},
): Value {
  const name = "distLoss";
  const { interClassWeight = 1, intraClassWeight = 1, temperature = 4, ensembleMean } = options;
  assertInRange(name, { interClassWeight, intraClassWeight }, { from: 0 });
  const { logP, logQ } = softened(name, studentLogits, teacherLogits, temperature, ensembleMean);
  const [p, q] = [exp(logP), exp(logQ)]; // [batch, classes]
  const [batch, classes] = studentLogits.shape;
  const weights = reshape(batchWeights(name, logQ, options), [batch!, 1]);
  const total = reduceSum(weights); // []
  // 1 for each sample that counts, so that epsilon means the same at every batch size
  const counts = mul(weights, div(batch!, maximum(total, zeroThreshold))); // [batch, 1]
  const between = pearson(sub(p, mean(p, 1)), sub(q, mean(q, 1)), 1); // [batch]
  const centre = (x: Value): Value => sub(x, div(sum(mul(x, counts), 0), batch!));
  const within = pearson(centre(p), centre(q), 0, counts); // [classes]
  const intra = mul(sub(1, div(reduceSum(within), classes!)), intraClassWeight); // []
  const perSample = add(mul(sub(1, between), interClassWeight), intra); // [batch]
  return scaledSum(name, perSample, temperature, options);
}

/** @returns the correlation along an axis of values that are centred; that axis is gone */
function pearson(a: Value, b: Value, axis: 0 | 1, counts: Value | 1 = 1): Value {
  const inner = (x: Value, y: Value): Value =>
    reduceSum(counts === 1 ? mul(x, y) : mul(mul(x, y), counts), { axes: [axis] });
  const length = (x: Value): Value => sqrt(maximum(inner(x, x), zeroThreshold));
  return div(inner(a, b), add(mul(length(a), length(b)), epsilon));
}

function sum(x: Value, axis: 0 | 1): Value {
  return reduceSum(x, { axes: [axis], keepDims: true });
}

function mean(x: Value, axis: 0 | 1): Value {
  return div(sum(x, axis), x.shape[axis]!);
}
