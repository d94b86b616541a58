/** @file reduceMin: minimum over axes. ONNX: ReduceMin (opset 18). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { arithmeticDTypes, assertDType } from "./elementwise-rule.ts";
import {
  assertNotEmpty,
  emitReduce,
  type ReduceAttrs,
  type ReduceOptions,
  reduceAttrs,
  reducedShape,
  withKeptAxes,
} from "./reduce-rule.ts";

/**
 * y = min x over `axes`. The gradient is shared evenly among ties, as PyTorch's `amin` does.
 *
 * @param x float, int32 or int64 tensor
 * @param options.axes default all; @param options.keepDims keep reduced axes with size 1; default
 *   false
 * @returns same dtype
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis", "shape/empty"
 */
export const reduceMin: Op<[x: Value, options?: ReduceOptions]> = defineOp({
  name: "reduceMin",
  arguments: (x: Value, options: ReduceOptions = {}) => ({
    inputs: [x],
    attrs: reduceAttrs("reduceMin", x, options),
  }),
  infer: ([x], attrs: ReduceAttrs) => {
    const dtype = assertDType("reduceMin", x!, arithmeticDTypes);
    assertNotEmpty("reduceMin", x!.shape, attrs.axes);
    return { dtype, shape: reducedShape(x!.shape, attrs) };
  },
  vjp: ({ inputs: [x], attrs, output, cotangent, ops }) => {
    const isMin = ops.equal(x!, withKeptAxes(output, x!, attrs, ops));
    const mask = ops.cast(isMin, x!.dtype); // 1 at each minimum
    const ties = ops.reduceSum(mask, { axes: attrs.axes, keepDims: true });
    const share = ops.div(withKeptAxes(cotangent, x!, attrs, ops), ties);
    return [ops.mul(mask, share)];
  },
  toOnnx: (context) => emitReduce("ReduceMin", context),
});
