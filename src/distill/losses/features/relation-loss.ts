/** @file Relational distillation (RKD): distances and angles between the samples of a batch. */

import type { Value } from "../../../engine/graph/index.ts";
import {
  add,
  cast,
  clip,
  div,
  greater,
  heaviside,
  matMul,
  maximum,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  where as select,
  sqrt,
  stopGradient,
  sub,
  transpose,
} from "../../../engine/ops/index.ts";
import { assertInRange, ConfigError } from "../../../errors/index.ts";
import { batchWeights, type SampleWeighting } from "../weighted-sum.ts";
import { zeroThreshold } from "../zero-threshold.ts";
import { assertBatches, rowsOf } from "./feature-rows.ts";

export interface RelationOptions extends SampleWeighting {
  /** weight of the distances between two samples, ≥ 0; default 25; at 0 they are not built */
  readonly distanceWeight?: number;
  /** weight of the angles among three samples, ≥ 0; default 50; at 0 they are not built */
  readonly angleWeight?: number;
}

/**
 * Two samples are one point if the square of their distance is below this part of the sum of the
 * squares of their distances to the batch's mean. Above what float32 loses in a product of
 * matrices, and it bounds the gradient, which grows with 1 / distance.
 */
const coincidence = 1e-5;

/**
 * Difference of both models' distances and angles between the samples of a batch.
 *
 *   d_ij = ‖F_i − F_j‖ / μ,  μ: the mean of the distances above 0
 *   a_ijk = cos of the angle at i between j and k; 0 where j or k is the same point as i
 *   L = λ_d Σ_ij w_i w_j h(d^s_ij − d^t_ij) + λ_a Σ_ijk w_i w_j w_k h(a^s_ijk − a^t_ijk)
 *   h(x) = x²/2 for |x| ≤ 1, else |x| − 1/2
 *
 * Features of images are averaged over their places first, others laid flat. Widths may differ;
 * moving, turning or scaling all features of a model changes nothing. A sample of weight 0 has no
 * part in any sum, nor in μ. Weights enter twice or three times; with 1/batch these are means over
 * all pairs and triplets. Equal samples are at distance 0 and have no angle, and no gradient flows
 * between them (in public implementations one of 2e11); the same holds for samples nearer than
 * 0.45 % of their distance to the batch's mean. Angles come from inner products: each step takes
 * batch³ numbers, however wide the features are (in all 0.1 GB for 128 samples, 1 GB for 256).
 *
 * @param student float32 [batch, channels, height, width], or [batch, ...]
 * @param teacher float32, the same with any other sizes after the batch; no gradient flows into it
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/rank" for less than two axes; "shape/mismatch" if the batch differs, or
 *   there is not one weight per sample; ConfigError "config/range" if λ_d or λ_a is negative, or
 *   both are 0
 * @see Park et al. (2019), Relational Knowledge Distillation, §3.2, arXiv:1904.05068
 */
export function relationLoss(student: Value, teacher: Value, options: RelationOptions = {}): Value {
  const name = "relationLoss";
  const { distanceWeight = 25, angleWeight = 50 } = options;
  assertTermWeights(name, distanceWeight, angleWeight);
  assertBatches(name, student, teacher);
  const weights = reshape(batchWeights(name, student, options), [student.shape[0]!, 1]);
  const counted = heaviside(weights); // [batch, 1]
  const [s, t] = [pairsOf(student, counted), pairsOf(stopGradient(teacher), counted)];
  const pairWeights = matMul(weights, transpose(weights)); // [batch, batch]
  const terms: Value[] = [];
  if (distanceWeight > 0) {
    const each = smoothL1(sub(distances(s, counted), distances(t, counted))); // [batch, batch]
    terms.push(mul(reduceSum(mul(each, pairWeights)), distanceWeight));
  }
  if (angleWeight > 0) {
    const each = lastAxisSummed(smoothL1(sub(cosines(s), cosines(t))), weights); // [batch, batch]
    terms.push(mul(reduceSum(mul(each, pairWeights)), angleWeight));
  }
  return terms.reduce((sum, term) => add(sum, term)); // []
}

function assertTermWeights(where: string, distanceWeight: number, angleWeight: number): void {
  assertInRange(where, { distanceWeight, angleWeight }, { from: 0 });
  if (distanceWeight === 0 && angleWeight === 0)
    throw new ConfigError("config/range", {
      where,
      rule: "distanceWeight or angleWeight must be above 0",
      got: "0 and 0",
      fix: "Leave the loss out instead",
      details: { distanceWeight, angleWeight },
    });
}

/** The samples of a batch as points; all but `squares` is [batch, batch]. */
interface Pairs {
  /** inner products, measured from the mean of the samples that count */
  readonly products: Value;
  /** squared distances to that mean, [batch, 1] */
  readonly squares: Value;
  /** bool: false for two samples that are one point */
  readonly areApart: Value;
  /** distances of those apart; 1 for the others, so that a quotient and its gradient are finite */
  readonly lengths: Value;
}

function pairsOf(features: Value, counted: Value): Pairs {
  const points = centred(pooled(features), counted); // [batch, width]
  const products = matMul(points, transpose(points)); // [batch, batch]
  const squares = reduceSum(mul(points, points), { axes: [1], keepDims: true }); // [batch, 1]
  const sums = add(squares, transpose(squares)); // [batch, batch]
  const squaredDistances = sub(sums, mul(products, 2));
  const areApart = greater(squaredDistances, add(mul(sums, coincidence), zeroThreshold));
  return { products, squares, areApart, lengths: sqrt(select(areApart, squaredDistances, 1)) };
}

/** @returns [batch, width]: of images the mean over their places; all else laid flat */
function pooled(features: Value): Value {
  return features.shape.length === 4 ? reduceMean(features, { axes: [2, 3] }) : rowsOf(features);
}

/** Distances stay the same and lose less to rounding; hence no gradient needs the mean. */
function centred(points: Value, counted: Value): Value {
  const sum = matMul(transpose(counted), points); // [1, width]
  return sub(points, stopGradient(div(sum, maximum(reduceSum(counted), 1))));
}

/** @returns [batch, batch], in units of the mean over pairs that count and are apart */
function distances({ areApart, lengths }: Pairs, counted: Value): Value {
  const pairs = mul(cast(areApart, lengths.dtype), matMul(counted, transpose(counted)));
  const count = reduceSum(pairs); // []
  const mean = div(reduceSum(mul(lengths, pairs)), maximum(count, 1)); // []
  return div(select(areApart, lengths, 0), select(greater(count, 0), mean, 1));
}

/** @returns [batch, batch, batch]: at [i, j, k] the cosine of the angle at i between j and k */
function cosines({ products, squares, areApart, lengths }: Pairs): Value {
  const batch = products.shape[0]!;
  const [atJ, atK] = [
    [batch, batch, 1],
    [batch, 1, batch],
  ];
  // ⟨j − i, k − i⟩ = ⟨j, k⟩ − (⟨i, j⟩ − ⟨i, i⟩/2) − (⟨i, k⟩ − ⟨i, i⟩/2)
  const toOthers = sub(products, mul(squares, 0.5)); // [batch, batch]
  const inner = sub(sub(products, reshape(toOthers, atJ!)), reshape(toOthers, atK!));
  const inverse = select(areApart, div(1, lengths), 0); // [batch, batch]
  return mul(mul(inner, reshape(inverse, atJ!)), reshape(inverse, atK!));
}

/** @returns h(x), element-wise */
function smoothL1(x: Value): Value {
  const slope = clip(x, -1, 1);
  return mul(slope, sub(x, mul(slope, 0.5)));
}

/** @returns [batch, batch]: Σ_k w_k x_ijk of x [batch, batch, batch] */
function lastAxisSummed(x: Value, weights: Value): Value {
  const batch = x.shape[0]!;
  return reshape(matMul(reshape(x, [batch * batch, batch]), weights), [batch, batch]);
}
