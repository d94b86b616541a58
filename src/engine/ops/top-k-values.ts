/** @file topKValues: the k largest elements of an axis. ONNX: TopK (opset 11). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { emitTopK, type TopKAttrs, type TopKOptions, topKAttrs, topKShape } from "./top-k-rule.ts";

/**
 * The k largest (or smallest) elements along an axis, the most extreme first. No gradient: to train
 * through them, multiply by a one-hot of `topKIndices`.
 *
 * @param x float32, float64, int32 or int64 tensor
 * @param options.k how many; @param options.axis default −1; @param options.largest default true
 * @returns dtype of x, the shape of x with k at the axis
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis", "shape/empty", "shape/top-k"
 */
export const topKValues: Op<[x: Value, options: TopKOptions]> = defineOp({
  name: "topKValues",
  arguments: (x: Value, options: TopKOptions) => ({
    inputs: [x],
    attrs: topKAttrs("topKValues", x, options),
  }),
  infer: ([x], attrs: TopKAttrs) => ({
    dtype: x!.dtype,
    shape: topKShape("topKValues", x!, attrs),
  }),
  vjp: {
    noGradient: "the selection is for metrics and thresholds; use topKIndices and a one-hot",
    unbuilt: [0],
  },
  toOnnx: (context) => emitTopK(context)[0]!,
});
