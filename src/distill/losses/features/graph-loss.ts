/** @file Graph distillation (GKD): the samples of a batch as a graph, similarities as edges. */

import type { Value } from "../../../engine/graph/index.ts";
import {
  cast,
  div,
  greaterOrEqual,
  heaviside,
  matMul,
  maximum,
  mul,
  reduceMin,
  reduceSum,
  relu,
  reshape,
  sqrt,
  stopGradient,
  sub,
  topKValues,
  transpose,
} from "../../../engine/ops/index.ts";
import { assertInRange } from "../../../errors/index.ts";
import { constantLike } from "../constant-like.ts";
import { batchWeights, type SampleWeighting } from "../weighted-sum.ts";
import { assertBatches, rowsOf, unitRows } from "./feature-rows.ts";

export interface GraphOptions extends SampleWeighting {
  /**
   * compare only the edges between a sample and so many of its nearest ones in the teacher's graph,
   * from 1 to batch − 1, scaled up to about the size of all edges; default all edges
   */
  readonly neighbours?: number;
}

/**
 * A degree below this counts as this: an edge fades with its similarity where a vertex has no other
 * one, and its derivative, which grows with 1 / degree, is bounded.
 */
const leastDegree = 1e-2;

/** Edges that differ by no more than rounding are equally near. */
const sameEdge = 1 - 1e-5;

/**
 * Squared difference of both models' graphs of the batch.
 *
 *   s_ij = max(0, cos(F_i, F_j)),  s_ii = 0        F_i: all features of sample i, laid flat
 *   A = D^−1/2 S D^−1/2,  D: diagonal, d_i = Σ_j s_ij
 *   L = n² Σ_ij w_i w_j m_ij (A^t_ij − A^s_ij)²     n: how many samples count
 *
 * With w = 1/batch this is ‖A^t − A^s‖², whose size does not depend on the batch: the largest
 * eigenvalue of A is 1. m_ij is 1. With `neighbours`, k, it is (n − 1) / k, and at least 1, where j
 * is among the k largest A^t_ij > 0 of i, or i among those of j, else 0: the size is then about
 * that of all edges, whatever k. Degrees are still those of all edges. Which edges these are is the
 * teacher's alone to say, and no gradient flows through the choice; of edges that tie for the last
 * place all are kept.
 *
 * Widths may differ; neither a rotation of all features nor a factor on those of a sample changes
 * anything. A negative similarity is no edge, and has no gradient: the authors' features are never
 * negative, and a degree below 0 has no root. A degree counts as 0.01 at least, so a sample that
 * resembles nothing, as one whose features are all 0, has no edge and no gradient flows into it. A
 * sample of weight 0 has no edges, and counts in no degree. Weights enter twice: half of each is a
 * quarter of L. The authors' weight of the term is 25.
 *
 * @param student float32 [batch, ...]
 * @param teacher float32 [batch, ...], any other sizes; no gradient flows into it
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/rank" for less than two axes; "shape/mismatch" if the batch differs, or
 *   there is not one weight per sample; ConfigError "config/range" for another number of neighbours
 * @see Lassance et al. (2020), Deep Geometric Knowledge Distillation with Graphs, arXiv:1911.03080;
 *   the order of these steps is that of the authors' code
 */
export function graphLoss(student: Value, teacher: Value, options: GraphOptions = {}): Value {
  const name = "graphLoss";
  const { neighbours } = options;
  assertBatches(name, student, teacher);
  const batch = student.shape[0]!;
  if (neighbours !== undefined)
    assertInRange(
      `${name}, batchSize ${batch}`,
      { neighbours },
      { from: 1, below: batch, isInteger: true },
    );
  const weights = reshape(batchWeights(name, student, options), [batch, 1]);
  const counted = heaviside(weights); // [batch, 1]
  const areEdges = mul(matMul(counted, transpose(counted)), offDiagonal(weights)); // [batch, batch]
  const ofTeacher = adjacency(stopGradient(teacher), areEdges);
  const difference = sub(ofTeacher, adjacency(student, areEdges));
  const count = reduceSum(counted);
  const relative = mul(weights, count); // [batch, 1]
  const edgeWeights = matMul(relative, transpose(relative)); // [batch, batch]
  const kept =
    neighbours === undefined
      ? edgeWeights
      : mul(edgeWeights, nearest(ofTeacher, neighbours, count));
  return reduceSum(mul(mul(difference, difference), kept));
}

/** @param like float [batch, 1]. @returns [batch, batch]: 0 on the diagonal, else 1 */
function offDiagonal(like: Value): Value {
  const batch = like.shape[0]!;
  const ones = new Float64Array(batch * batch).fill(1);
  for (let at = 0; at < batch; at++) ones[at * (batch + 1)] = 0;
  return constantLike(like, [batch, batch], ones);
}

/** @param areEdges 1 where there may be an edge, else 0. @returns [batch, batch] */
function adjacency(features: Value, areEdges: Value): Value {
  const rows = unitRows(rowsOf(features)); // [batch, elements]
  const similarities = mul(relu(matMul(rows, transpose(rows))), areEdges); // [batch, batch]
  const degrees = reduceSum(similarities, { axes: [1], keepDims: true }); // [batch, 1]
  const roots = div(1, sqrt(maximum(degrees, leastDegree)));
  return mul(mul(similarities, roots), transpose(roots));
}

/** @returns m, [batch, batch]; @param count n, of the formula above */
function nearest(edges: Value, neighbours: number, count: Value): Value {
  const last = reduceMin(topKValues(edges, { k: neighbours }), { axes: [1], keepDims: true });
  const areLarge = cast(greaterOrEqual(edges, mul(last, sameEdge)), edges.dtype);
  const areNear = mul(areLarge, heaviside(edges)); // the last may be 0, and then all are as large
  const share = maximum(div(sub(count, 1), neighbours), 1);
  return mul(maximum(areNear, transpose(areNear)), share);
}
