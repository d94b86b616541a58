/** @file topKIndices: where the k largest elements of an axis are. ONNX: TopK (opset 11). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { emitTopK, type TopKAttrs, type TopKOptions, topKAttrs, topKShape } from "./top-k-rule.ts";

/**
 * Indices of the k largest (or smallest) elements along an axis, the most extreme first; of equal
 * elements the one with the lower index first.
 *
 * @param x float32, float64, int32 or int64 tensor
 * @param options.k how many; @param options.axis default −1; @param options.largest default true
 * @returns int64, the shape of x with k at the axis
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis", "shape/empty", "shape/top-k"
 */
export const topKIndices: Op<[x: Value, options: TopKOptions]> = defineOp({
  name: "topKIndices",
  arguments: (x: Value, options: TopKOptions) => ({
    inputs: [x],
    attrs: topKAttrs("topKIndices", x, options),
  }),
  infer: ([x], attrs: TopKAttrs) => ({
    dtype: "int64",
    shape: topKShape("topKIndices", x!, attrs),
  }),
  vjp: { noGradient: "an index is constant almost everywhere" },
  toOnnx: (context) => emitTopK(context)[1]!,
});
