/**
 * @file Teacher-free regularisation (Tf-KD reg): a hand-made teacher that is always right, and not
 * quite sure.
 */

import type { Value } from "../../engine/graph/index.ts";
import { gather, logSoftmax } from "../../engine/ops/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { assertInRange, ShapeError } from "../../errors/index.ts";
import { assertLabels } from "./assert-logits.ts";
import { constantLike } from "./constant-like.ts";
import { klPerSample } from "./log-arithmetic.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

export interface VirtualTeacherOptions extends SampleWeighting {
  /** u_y, what the virtual teacher gives to the true class, in (0, 1); default 0.99 */
  readonly correctProbability?: number;
  /** T > 0 by which u is softened; default 20 */
  readonly temperature?: number;
}

/**
 * KL from a made-up teacher: the control that asks whether a real one was needed.
 *
 *   u = correctProbability at the label, the rest spread evenly
 *   p = softmax(u / T)      q = softmax(z)
 *   L = Σ_b w_b Σ_class p · (log p − log q)          [nats]
 *
 * As in the source, probabilities (not logits) go into the softmax, and the student is at T = 1.
 * The authors' code also divides by the number of classes ("mean" over batch and classes): their a
 * · KL is our weight a / classes.
 *
 * @param studentLogits float32 [batch, classes], unnormalised, at least two classes
 * @param labels int32 [batch], class indices; a sample without label (−1) needs weight 0
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch", "shape/classes"; DTypeError "dtype/integer"; ConfigError
 *   "config/range"
 * @see Yuan et al. (2020), Revisiting Knowledge Distillation via Label Smoothing Regularization,
 *   §5, arXiv:1909.11723
 */
export function virtualTeacherLoss(
  studentLogits: Value,
  labels: Value,
  options: VirtualTeacherOptions = {},
): Value {
  const name = "virtualTeacherLoss";
  const { correctProbability = 0.99, temperature = 20 } = options;
  assertInRange(name, { correctProbability }, { above: 0, below: 1 });
  assertInRange(name, { temperature }, { above: 0 });
  assertLabels(name, studentLogits, labels);
  const classes = studentLogits.shape[1]!;
  if (classes < 2)
    throw new ShapeError("shape/classes", {
      where: name,
      rule: "there must be at least two classes",
      got: showShape(studentLogits.shape),
      fix: "Leave the term out",
    });
  const table = logTargets(studentLogits, correctProbability, temperature); // [classes, classes]
  const logP = gather(table, labels, 0); // [batch, classes]
  return weightedSum(name, klPerSample(logP, logSoftmax(studentLogits, -1)), options);
}

/** @returns row y: ln softmax(u / T) for label y */
function logTargets(logits: Value, correct: number, temperature: number): Value {
  const classes = logits.shape[1]!;
  const [high, low] = [correct / temperature, (1 - correct) / (classes - 1) / temperature];
  const top = Math.max(high, low); // taken out: exp of it is infinite at a small T
  const total = Math.exp(high - top) + (classes - 1) * Math.exp(low - top);
  const logTotal = top + Math.log(total);
  const values = Array.from({ length: classes * classes }, (_, i) =>
    i % (classes + 1) === 0 ? high - logTotal : low - logTotal,
  );
  return constantLike(logits, [classes, classes], values);
}
