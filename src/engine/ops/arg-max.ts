/** @file argMax: where the maximum along an axis is. ONNX: ArgMax (opset 13). */

import type { Value } from "../graph/index.ts";
import { normalizeAxis } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { arithmeticDTypes, assertDType } from "./elementwise-rule.ts";
import { assertNotEmpty, reducedShape } from "./reduce-rule.ts";

export interface ArgMaxOptions {
  /** default the last */
  readonly axis?: number;
  /** keeps the axis with size 1; default false */
  readonly keepDims?: boolean;
}

type ArgMaxAttrs = { readonly axis: number; readonly keepDims: boolean };

/**
 * y = the first index along the axis at which x is largest.
 *
 * Where an element along the axis is NaN the result is unspecified, though an index of the axis:
 * ONNX Runtime's kernels skip a NaN or stop at it, by its place and by the tensor's layout.
 * (PyTorch and our float64 reference give the first NaN's index.) To find NaN, ask isFiniteNumber.
 *
 * @param x float, int32 or int64 tensor
 * @param options.axis default −1; @param options.keepDims default false
 * @returns int64
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis", "shape/empty"
 */
export const argMax: Op<[x: Value, options?: ArgMaxOptions]> = defineOp({
  name: "argMax",
  arguments: (x: Value, { axis = -1, keepDims = false }: ArgMaxOptions = {}) => ({
    inputs: [x],
    attrs: { axis: normalizeAxis("argMax", axis, x.shape.length), keepDims },
  }),
  infer: ([x], { axis, keepDims }: ArgMaxAttrs) => {
    assertDType("argMax", x!, arithmeticDTypes);
    assertNotEmpty("argMax", x!.shape, [axis]);
    return { dtype: "int64", shape: reducedShape(x!.shape, { axes: [axis], keepDims }) };
  },
  vjp: { noGradient: "an index is constant almost everywhere" },
  toOnnx: ({ emit, inputs, attrs: { axis, keepDims } }) =>
    emit.node("ArgMax", inputs, { axis: BigInt(axis), keepdims: keepDims ? 1n : 0n }),
});
