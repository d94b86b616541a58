/** @file Sums of probabilities that are held as logarithms, without leaving the logarithms. */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  exp,
  log,
  logSoftmax,
  maximum,
  mul,
  reduceMax,
  reduceSum,
  stopGradient,
  sub,
  where,
} from "../../engine/ops/index.ts";

/**
 * y = ln Σ exp(x) over the last axis, which keeps its place with size 1.
 *
 * The largest element is taken out first. It cancels, so no gradient flows through it.
 *
 * @param x float [..., n]
 * @returns float [..., 1]
 */
export function logSumExp(x: Value): Value {
  const last = { axes: [x.shape.length - 1], keepDims: true };
  const top = stopGradient(reduceMax(x, last)); // [..., 1]
  return add(log(reduceSum(exp(sub(x, top)), last)), top); // [..., 1]
}

/** y = ln(exp(a) + exp(b)), element-wise. */
export function logAddExp(a: Value, b: Value): Value {
  const top = stopGradient(maximum(a, b));
  return add(log(add(exp(sub(a, top)), exp(sub(b, top)))), top);
}

/** A logit this low has probability 0, and its differences stay finite in float32. */
const excluded = -1e30;

/**
 * Log-probabilities of the classes other than the target, among themselves: they sum to 1 without
 * it. Its own place holds a number so low that its exponential is 0.
 *
 * @param logP float [batch, classes]; @param isTarget bool [batch, classes], one true a row
 * @returns float [batch, classes]
 */
export function amongOthers(logP: Value, isTarget: Value): Value {
  return logSoftmax(where(isTarget, excluded, logP), -1);
}

/** @returns ln Σ over the classes other than the target, float [batch, 1]; others as above */
export function logSumOfOthers(logP: Value, isTarget: Value): Value {
  return logSumExp(where(isTarget, excluded, logP));
}

/**
 * KL(a ‖ b) = Σ_class a · (ln a − ln b), for each sample                    [nats]
 *
 * @param logA float [batch, classes], natural logarithms of probabilities; @param logB the same
 * @returns float [batch]
 */
export function klPerSample(logA: Value, logB: Value): Value {
  return reduceSum(mul(exp(logA), sub(logA, logB)), { axes: [1], keepDims: false }); // [batch]
}
