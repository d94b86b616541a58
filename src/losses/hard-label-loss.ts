/** @file Cross-entropy with the true classes, at T = 1. */

import { ConfigError, ShapeError } from "../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { add, logSoftmax, mul, neg, oneHot, reduceSum } from "../ops/index.ts";
import { showShape } from "../tensor/index.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

export interface HardLabelOptions extends SampleWeighting {
  /** ε in [0, 1): the target becomes (1 − ε) · one-hot + ε / classes; default 0 */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of the student's distribution with the labels.
 *
 *   t = (1 − ε) · onehot(label) + ε / C
 *   L = Σ_b w_b · −Σ_c t_c · log softmax(z)_c          [nats]
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param labels int32 [batch], class indices; a sample without label needs weight 0
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if ε is outside [0, 1)
 * @see Szegedy et al. (2016), Rethinking the Inception Architecture, §7 (label smoothing), arXiv:1512.00567
 */
export function hardLabelLoss(
  studentLogits: Value,
  labels: Value,
  options: HardLabelOptions = {},
): Value {
  const { labelSmoothing = 0 } = options;
  const [batch, classes] = studentLogits.shape;
  if (studentLogits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== batch)
    throw new ShapeError("shape/mismatch", {
      where: "hardLabelLoss",
      rule: "studentLogits must be [batch, classes] and labels [batch]",
      got: `${showShape(studentLogits.shape)} and ${showShape(labels.shape)}`,
      fix: "Give one label per row of logits",
    });
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new ConfigError("config/range", {
      where: "hardLabelLoss",
      rule: "labelSmoothing must be in [0, 1)",
      got: String(labelSmoothing),
      fix: "0.1 is the usual value, 0 turns it off",
    });
  const logQ = logSoftmax(studentLogits, -1); // [batch, classes]
  const hard = oneHot(labels, { depth: classes! }); // [batch, classes]
  const target =
    labelSmoothing === 0 ? hard : add(mul(hard, 1 - labelSmoothing), labelSmoothing / classes!);
  const perSample = neg(reduceSum(mul(target, logQ), { axes: [1], keepDims: false })); // [batch]
  return weightedSum("hardLabelLoss", perSample, options);
}
