/** @file Cross-entropy with the true classes, at T = 1. */

import type { Value } from "../../engine/graph/index.ts";
import { add, logSoftmax, mul, neg, reduceSum } from "../../engine/ops/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { assertInRange, assertKnown, ShapeError } from "../../errors/index.ts";
import { assertLabels } from "./assert-logits.ts";
import { oneHotLike } from "./constant-like.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

export interface HardLabelOptions extends SampleWeighting {
  /** ε in [0, 1); default 0 */
  readonly labelSmoothing?: number;
  /**
   * which classes share ε: "all" (default; Szegedy, PyTorch) or only the "others" (Tf-KD's label
   * smoothing)
   */
  readonly smoothedClasses?: "all" | "others";
}

/**
 * Cross-entropy of the student's distribution with the labels.
 *
 *   "all":    t = (1 − ε) · onehot(label) + ε / C
 *   "others": t = (1 − ε) · onehot(label) + ε / (C − 1) · (1 − onehot(label))
 *   L = Σ_b w_b · −Σ_c t_c · log softmax(z)_c          [nats]
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param labels int32 [batch], class indices; a sample without label (−1, or any other number
 *   outside the classes) has no term of its own, and needs weight 0 not to count in a mean
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch", "shape/classes" if "others" has none; DTypeError
 *   "dtype/integer"; ConfigError "config/range" if ε is outside [0, 1), "config/unknown-name"
 * @see Szegedy et al. (2016), Rethinking the Inception Architecture, §7 (label smoothing),
 *   arXiv:1512.00567
 */
export function hardLabelLoss(
  studentLogits: Value,
  labels: Value,
  options: HardLabelOptions = {},
): Value {
  const { labelSmoothing = 0, smoothedClasses = "all" } = options;
  assertLabels("hardLabelLoss", studentLogits, labels);
  assertInRange("hardLabelLoss", { labelSmoothing }, { from: 0, below: 1 });
  assertKnown("hardLabelLoss", "smoothedClasses", smoothedClasses, ["all", "others"]);
  const classes = studentLogits.shape[1]!;
  const logQ = logSoftmax(studentLogits, -1); // [batch, classes]
  const hard = oneHotLike(studentLogits, labels); // [batch, classes]
  const share = labelSmoothing === 0 ? 0 : labelSmoothing / sharers(classes, smoothedClasses);
  const ofTarget = smoothedClasses === "all" ? 1 - labelSmoothing : 1 - labelSmoothing - share;
  const target = labelSmoothing === 0 ? hard : add(mul(hard, ofTarget), share); // [batch, classes]
  const perSample = neg(reduceSum(mul(target, logQ), { axes: [1], keepDims: false })); // [batch]
  return weightedSum("hardLabelLoss", perSample, options);
}

/** @returns how many classes share ε */
function sharers(classes: number, smoothed: "all" | "others"): number {
  if (smoothed === "all") return classes;
  if (classes < 2)
    throw new ShapeError("shape/classes", {
      where: "hardLabelLoss",
      rule: 'smoothing over the "others" needs at least two classes',
      got: showShape([classes]),
      fix: 'Use smoothedClasses: "all", or no smoothing',
    });
  return classes - 1;
}
