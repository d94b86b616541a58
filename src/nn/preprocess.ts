/** @file From stored elements to what a network sees, inside the graph. */

import type { Value } from "../graph/index.ts";
import { add, cast, mul } from "../ops/index.ts";

/**
 * y = x · scale + offset, in float32.
 *
 * @param x any dtype, [batch, ...]
 * @returns float32, same shape
 */
export function preprocess(
  x: Value,
  { scale, offset }: { readonly scale: number; readonly offset: number },
): Value {
  const real = x.dtype === "float32" ? x : cast(x, "float32");
  const scaled = scale === 1 ? real : mul(real, scale);
  return offset === 0 ? scaled : add(scaled, offset);
}
