/** @file gather: entries of an axis by index: embeddings, batches. ONNX: Gather (opset 13). */

import type { Value } from "../graph/index.ts";
import { normalizeAxis } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";

type GatherAttrs = { readonly axis: number };

/**
 * y[…before, …i, …after] = x[…before, indices[…i], …after]: the axis is replaced by the shape of
 * `indices`.
 *
 * @param x tensor of any dtype
 * @param indices int32 or int64 of any shape, each in −size … size − 1; others fail when the graph
 *   runs
 * @param axis default 0
 * @returns dtype of x
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis"
 */
export const gather: Op<[x: Value, indices: Value, axis?: number]> = defineOp({
  name: "gather",
  arguments: (x: Value, indices: Value, axis = 0) => ({
    inputs: [x, indices],
    attrs: { axis: normalizeAxis("gather", axis, x.shape.length) },
  }),
  infer: ([x, indices], { axis }: GatherAttrs) => {
    assertDType("gather", indices!, ["int32", "int64"]);
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return { dtype: x!.dtype, shape };
  },
  vjp: ({ inputs: [x, indices], attrs: { axis }, cotangent, ops }) => [
    ops.gatherGrad(cotangent, indices!, { axis, size: x!.shape[axis]! }),
    null,
  ],
  toOnnx: ({ emit, inputs, attrs }) => emit.node("Gather", inputs, { axis: BigInt(attrs.axis) }),
});
