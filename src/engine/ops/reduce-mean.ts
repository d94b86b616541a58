/** @file reduceMean: mean over axes. ONNX: ReduceMean (opset 18). */

import type { Value } from "../graph/index.ts";
import { elementCount } from "../tensor/index.ts";
import { assertFloat } from "./assert.ts";
import type { Op } from "./define-op.ts";
import {
  assertNotEmpty,
  defineReduction,
  type ReduceOptions,
  reducedShape,
  withKeptAxes,
} from "./reduce-rule.ts";

/**
 * y = (Σ x over `axes`) / n, n the number of elements summed.
 *
 * @param x float tensor
 * @param options.axes default all; @param options.keepDims keep reduced axes with size 1; default
 *   false
 * @returns same dtype
 * @throws DTypeError "dtype/float"; ShapeError "shape/axis", "shape/empty"
 */
export const reduceMean: Op<[x: Value, options?: ReduceOptions]> = defineReduction({
  name: "reduceMean",
  type: "ReduceMean",
  infer: (x, attrs) => {
    const dtype = assertFloat("reduceMean", x);
    assertNotEmpty("reduceMean", x.shape, attrs.axes);
    return { dtype, shape: reducedShape(x.shape, attrs) };
  },
  vjp: ({ inputs: [x], attrs, cotangent, ops }) => {
    const count = elementCount(attrs.axes.map((axis) => x!.shape[axis]!));
    // divided before it is spread, where it is smallest; by a whole number, which float32 holds
    // exactly
    const each = ops.div(withKeptAxes(cotangent, x!, attrs, ops), count);
    return [ops.expand(each, x!.shape)];
  },
});
