/** @file Adversarial distillation: what a discriminator learns of logits, and what fools it. */

import type { Value } from "../../engine/graph/index.ts";
import { add, assertSameShape, neg, softplus } from "../../engine/ops/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { ShapeError } from "../../errors/index.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

/**
 * Cross-entropy of a discriminator that tells the teacher's answers from the student's.
 *
 *   L = Σ_b w_b · (−ln σ(d^t_b) − ln σ(−d^s_b))          [nats]
 *
 * σ(d) is the probability that an answer is the teacher's. Both halves are sums, so a discriminator
 * that cannot tell has 2 ln 2 = 1.386. The gradient is meant for the discriminator's weights: give
 * scores of answers whose gradient is stopped.
 *
 * @param scores.teacher float [batch]: d^t, of the teacher's answers; @param scores.student float
 *   [batch]: d^s, of the student's
 * @returns float [], ≥ 0
 * @throws ShapeError "shape/rank"; "shape/mismatch" if batches differ, or there is not one weight
 *   per sample
 * @see Goodfellow et al. (2014), Generative Adversarial Nets, §3, eq. 1, arXiv:1406.2661
 */
export function discriminatorLoss(
  { teacher, student }: { readonly teacher: Value; readonly student: Value },
  options: SampleWeighting = {},
): Value {
  const name = "discriminatorLoss";
  assertScores(name, teacher);
  assertSameShape(name, { teacher, student });
  return weightedSum(name, add(softplus(neg(teacher)), softplus(student)), options);
}

/**
 * How far a student is from being taken for the teacher: the non-saturating loss of a generator,
 * whose gradient does not vanish where the discriminator is sure.
 *
 *   L = Σ_b w_b · −ln σ(d^s_b)          [nats]
 *
 * The gradient is meant for the student: give scores of a discriminator whose weights' gradient is
 * stopped.
 *
 * @param scores float [batch]: d^s, as above
 * @returns float [], ≥ 0
 * @throws ShapeError "shape/rank"; "shape/mismatch" if there is not one weight per sample
 * @see Goodfellow et al. (2014), §3; Xu, Hsu, Huang (2018), Training Shallow and Thin Networks for
 *   Acceleration via Knowledge Distillation with Conditional Adversarial Networks,
 *   arXiv:1709.00513
 */
export function adversarialLoss(scores: Value, options: SampleWeighting = {}): Value {
  const name = "adversarialLoss";
  assertScores(name, scores);
  return weightedSum(name, softplus(neg(scores)), options);
}

function assertScores(where: string, scores: Value): void {
  if (scores.shape.length === 1) return;
  throw new ShapeError("shape/rank", {
    where,
    rule: "scores must be one number a sample: [batch]",
    got: showShape(scores.shape),
    fix: "Reshape them",
    details: { shape: scores.shape },
  });
}
