/** @file Penalties on weights, which are added to what is minimised: L1 and group lasso. */

import type { Value } from "../../engine/graph/index.ts";
import {
  abs,
  add,
  greater,
  mul,
  reduceSum,
  where as select,
  sqrt,
} from "../../engine/ops/index.ts";
import { zeroThreshold } from "./zero-threshold.ts";

/** A kernel, and where its units are. */
export interface PenalizedKernel {
  /** float [in, units] of a dense layer, or [out, in, ...] of a convolution */
  readonly kernel: Value;
  /** default the last of two axes, else the first */
  readonly unitAxis?: number | undefined;
}

/**
 * L1: what is not needed goes towards 0.
 *
 *   P = Σ over all kernels and their weights of |w|        (derivative 0 at w = 0)
 *
 * @returns float []
 * @see Tibshirani (1996), Regression Shrinkage and Selection via the Lasso, J. R. Stat. Soc. B 58
 */
export function l1Penalty(kernels: readonly PenalizedKernel[]): Value {
  return total(kernels.map(({ kernel }) => reduceSum(abs(kernel), { keepDims: false })));
}

/**
 * Group lasso: whole units, or channels, that are not needed go towards 0.
 *
 *   P = Σ over all kernels and their units u of √n · ‖w_u‖₂     n weights a unit
 *
 * A unit of zeros gets no gradient (in the formula's derivative 0/0).
 *
 * @returns float []
 * @see Yuan, Lin (2006), Model Selection and Estimation in Regression with Grouped Variables, J. R.
 *   Stat. Soc. B 68; Wen et al. (2016), Learning Structured Sparsity in Deep Neural Networks,
 *   arXiv:1608.03665
 */
export function groupLassoPenalty(kernels: readonly PenalizedKernel[]): Value {
  return total(kernels.map(ofUnits));
}

function ofUnits({ kernel, unitAxis }: PenalizedKernel): Value {
  const { shape } = kernel;
  const units = unitAxis ?? (shape.length === 2 ? 1 : 0);
  const axes = shape.flatMap((_, axis) => (axis === units ? [] : [axis]));
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const squares = reduceSum(mul(kernel, kernel), { axes }); // [units]
  const isThere = greater(squares, zeroThreshold);
  const lengths = select(isThere, sqrt(select(isThere, squares, 1)), 0);
  return mul(reduceSum(lengths, { keepDims: false }), Math.sqrt(count));
}

function total(values: readonly Value[]): Value {
  return values.reduce((sum, value) => add(sum, value));
}
