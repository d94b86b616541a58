/** @file reduceSum: sum over axes. ONNX: ReduceSum (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { arithmeticDTypes, assertDType } from "./elementwise-rule.ts";
import { defineReduction, type ReduceOptions, reducedShape, withKeptAxes } from "./reduce-rule.ts";

/**
 * y = Σ x over `axes`; 0 for an empty sum.
 *
 * @param x float, int32 or int64 tensor
 * @param options.axes default all; @param options.keepDims keep reduced axes with size 1; default
 *   false
 * @returns same dtype
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis"
 */
export const reduceSum: Op<[x: Value, options?: ReduceOptions]> = defineReduction({
  name: "reduceSum",
  type: "ReduceSum",
  infer: (x, attrs) => ({
    dtype: assertDType("reduceSum", x, arithmeticDTypes),
    shape: reducedShape(x.shape, attrs),
  }),
  vjp: ({ inputs: [x], attrs, cotangent, ops }) => [
    ops.expand(withKeptAxes(cotangent, x!, attrs, ops), x!.shape),
  ],
});
