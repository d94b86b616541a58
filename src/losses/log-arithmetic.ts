/** @file Sums of probabilities that are held as logarithms, without leaving the logarithms. */

import type { Value } from "../graph/index.ts";
import {
  add,
  exp,
  log,
  maximum,
  mul,
  reduceMax,
  reduceSum,
  stopGradient,
  sub,
} from "../ops/index.ts";

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

/**
 * KL(a ‖ b) = Σ_class a · (ln a − ln b), for each sample                    [nats]
 *
 * @param logA float [batch, classes], natural logarithms of probabilities; @param logB the same
 * @returns float [batch]
 */
export function klPerSample(logA: Value, logB: Value): Value {
  return reduceSum(mul(exp(logA), sub(logA, logB)), { axes: [1], keepDims: false }); // [batch]
}
