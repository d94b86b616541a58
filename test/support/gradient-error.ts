/** @file How far gradients that one runtime made are from those that another made. */

import { sameShape, showShape } from "../../src/engine/tensor/index.ts";
import type { Elements } from "./close.ts";

/**
 * A gradient that cancels to almost nothing has only rounding left, so a hundredth of the whole
 * gradient's length is added to each one's own.
 *
 * @returns the worst of |actual − expected| / (|expected| + |all expected| / 100), in Euclidean
 *   lengths, and whose it is; NaN is worst
 * @throws Error for a gradient of another shape
 */
export function gradientError(
  actual: Readonly<Record<string, Elements>>,
  expected: Readonly<Record<string, Elements>>,
): { readonly error: number; readonly name: string } {
  const norms = Object.values(expected).map(({ data }) => Math.hypot(...Array.from(data)));
  const whole = Math.hypot(...norms);
  const errors = Object.entries(expected).map(([name, { shape, data }], at) => {
    const got = actual[name]!;
    if (!sameShape(got.shape, shape)) throw new Error(`${name}: ${showShape(got.shape)}`);
    const apart = Math.hypot(...Array.from(data, (value, i) => got.data[i]! - value));
    return { name, error: apart / (norms[at]! + whole / 100) };
  });
  return errors.reduce((worst, each) =>
    Number.isNaN(worst.error) || each.error <= worst.error ? worst : each,
  );
}
