/**
 * @file What is done to gradients before an update and to weights after it: clipping and max-norm.
 */

import { assertInRange, ShapeError } from "../../errors/index.ts";
import { constant, type Value } from "../graph/index.ts";
import { add, div, minimum, mul, reduceSum, sqrt } from "../ops/index.ts";
import { scalar, showShape } from "../tensor/index.ts";

/** @returns √(Σ over all gradients of their squares), float32 [] */
export function globalNorm(gradients: readonly Value[]): Value {
  const squares = gradients.map(
    (g) => reduceSum(mul(g, g), { keepDims: false }), // all axes, of scalars none
  );
  return sqrt(squares.reduce((total, square) => add(total, square)));
}

/**
 * Scales all gradients together so that their global norm is at most `limit`.
 *
 *   g ← g · min(1, limit / (‖g‖ + 1e-6))          (PyTorch's clip_grad_norm_)
 *
 * @param limit > 0. @throws ConfigError "config/range"
 */
export function clipByGlobalNorm(gradients: readonly Value[], limit: number): Value[] {
  assertInRange("clipByGlobalNorm", { limit }, { above: 0 });
  const scale = minimum(
    div(constant(scalar("float32", limit)), add(globalNorm(gradients), 1e-6)),
    1,
  );
  return gradients.map((g) => mul(g, scale));
}

/**
 * Max-norm constraint: the incoming weights of each unit are scaled back to norm ≤ limit.
 *
 *   w_j ← w_j · min(1, limit / ‖w_j‖),  ‖w_j‖ over all axes but that of the units
 *
 * @param kernel float32 [in, units] of a dense layer, or [out, in, k], [out, in, kH, kW] of a
 *   convolution
 * @param limit > 0
 * @param about.name of the parameter, for messages; about.unitAxis of its units: default the last
 *   of two axes, else the first
 * @throws ConfigError "config/range"; ShapeError "shape/rank" for a kernel of fewer than two axes
 * @see Srivastava et al. (2014), Dropout, §5.1
 */
export function maxNorm(
  kernel: Value,
  limit: number,
  about: { readonly name?: string; readonly unitAxis?: number | undefined } = {},
): Value {
  const { name = "a kernel", unitAxis = kernel.shape.length === 2 ? 1 : 0 } = about;
  assertInRange("maxNorm", { limit }, { above: 0 });
  if (kernel.shape.length < 2)
    throw new ShapeError("shape/rank", {
      where: `maxNorm of ${name}`,
      rule: "a kernel must have an axis of inputs and one of units",
      got: showShape(kernel.shape),
      fix: "Leave maxNorm out, or give the parameter another role",
      details: { shape: kernel.shape },
    });
  const axes = kernel.shape.flatMap((_, axis) => (axis === unitAxis ? [] : [axis]));
  const norm = sqrt(reduceSum(mul(kernel, kernel), { axes, keepDims: true })); // one per unit
  const scale = minimum(div(constant(scalar("float32", limit)), add(norm, 1e-12)), 1);
  return mul(kernel, scale);
}
