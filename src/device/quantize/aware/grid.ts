/**
 * @file Scales inside the graph, by the same formulas as the quantiser's, and values put on them.
 */

import type { Value } from "../../../engine/graph/index.ts";
import {
  abs,
  add,
  div,
  fakeQuantize,
  greater,
  maximum,
  minimum,
  mul,
  neg,
  reduceMax,
  stopGradient,
  sub,
  where,
} from "../../../engine/ops/index.ts";
import { elementCount } from "../../../engine/tensor/index.ts";

/** A range inside the graph: two float32 scalars around 0. */
export interface RangeValues {
  readonly min: Value;
  readonly max: Value;
}

/** The learned factor stays above this, so that no scale turns negative. */
export const leastFactor: number = 1 / 16;

interface ActivationGridOptions {
  /** x is the mean of a pooling */
  readonly isMean: boolean;
  /** float32 [], multiplies the scale and learns by LSQ's derivative; undefined: the range as is */
  readonly factor: Value | undefined;
}

/** Steps by which a mean is moved: more than its sum's error, less than what 1,000 values tell. */
const nudge = 2 ** -12;

/**
 * An activation on the int8 grid of a range: scale = (max − min) / 255, zeroPoint = round(−128 −
 * min / scale), halves to even. Integer means, which often are halves, round them away from the
 * integer 0: x ± scale · 2⁻¹², the sign that of x / scale + zeroPoint, before x is rounded.
 *
 * @param x float32 of any shape. @param range float32 [] each
 * @returns float32 of x's shape
 */
export function onActivationGrid(
  x: Value,
  range: RangeValues,
  { isMean, factor }: ActivationGridOptions,
): Value {
  const min = stopGradient(minimum(range.min, 0));
  const width = sub(stopGradient(maximum(range.max, 0)), min);
  const hasWidth = greater(width, 0);
  const scale = where(hasWidth, div(width, 255), 1);
  const limits = { min: -128, max: 127 };
  const zeroPoint = fakeQuantize(sub(neg(div(min, scale)), 128), 1, 0, limits);
  const learned = factor === undefined ? scale : mul(scale, slowed(factor, x));
  const away = (): Value => {
    const isNegative = greater(0, add(div(x, learned), zeroPoint));
    return add(x, stopGradient(mul(learned, where(isNegative, -nudge, nudge))));
  };
  return fakeQuantize(isMean ? away() : x, learned, zeroPoint, limits);
}

/** LSQ's gradient scale: 1 / √(elements · largest integer). */
function slowed(factor: Value, x: Value): Value {
  const share = 1 / Math.sqrt(elementCount(x.shape.slice(1)) * 127);
  const kept = maximum(factor, leastFactor);
  return add(mul(kept, share), stopGradient(mul(kept, 1 - share)));
}

/**
 * Weights on their symmetric grid: scale = max |w| / limit over the axes given, zero point 0, limit
 * = 2^(bits − 1) − 1. The scale passes no gradient.
 */
export function onWeightGrid(kernel: Value, axes: readonly number[], bits: number): Value {
  const limit = 2 ** (bits - 1) - 1;
  const widest = stopGradient(reduceMax(abs(kernel), { axes, keepDims: true }));
  const scale = where(greater(widest, 0), div(widest, limit), 1);
  return fakeQuantize(kernel, scale, 0, { min: -limit, max: limit });
}
