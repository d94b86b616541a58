/** @file standardize: mean 0 and variance 1 over some axes. What the normalisations share. */

import type { Value } from "../../graph/index.ts";
import { add } from "../add.ts";
import { div } from "../div.ts";
import { mul } from "../mul.ts";
import { reduceMean } from "../reduce-mean.ts";
import { sqrt } from "../sqrt.ts";
import { sub } from "../sub.ts";

/**
 * (x − m) / √(v + ε), with m the mean and v the variance (divided by n) of x over `axes`, from
 * centred values.
 *
 * @param x float tensor; @param axes not negative
 * @returns same dtype and shape
 */
export function standardize(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = sub(x, reduceMean(x, { axes, keepDims: true }));
  const variance = reduceMean(mul(centred, centred), { axes, keepDims: true });
  return div(centred, sqrt(add(variance, epsilon)));
}
