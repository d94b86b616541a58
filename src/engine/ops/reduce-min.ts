/** @file reduceMin: minimum over axes. ONNX: ReduceMin (opset 18). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineExtremum, type ReduceOptions } from "./reduce-rule.ts";

/**
 * y = min x over `axes`. The gradient is shared evenly among ties, as PyTorch's `amin` does.
 *
 * Where one of the elements is NaN the result is unspecified, NaN or any of the elements: ONNX
 * Runtime's kernels skip a NaN or keep it, by its place and by the tensor's layout. (PyTorch and
 * our float64 reference give NaN.) To find NaN, ask isFiniteNumber.
 *
 * @param x float, int32 or int64 tensor
 * @param options.axes default all; @param options.keepDims keep reduced axes with size 1; default
 *   false
 * @returns same dtype
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis", "shape/empty"
 */
export const reduceMin: Op<[x: Value, options?: ReduceOptions]> = defineExtremum(
  "reduceMin",
  "ReduceMin",
);
