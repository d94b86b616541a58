/** @file transpose: axes in another order. ONNX: Transpose (opset 13). */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { ints } from "./emit.ts";

type TransposeAttrs = { readonly perm: readonly number[] };

/**
 * Axis i of the result is axis perm[i] of x.
 *
 * @param x tensor of any dtype
 * @param perm each axis once; default reversed
 * @returns same dtype
 * @throws ShapeError "shape/permutation"
 */
export const transpose: Op<[x: Value, perm?: readonly number[]]> = defineOp({
  name: "transpose",
  arguments: (x: Value, perm: readonly number[] = x.shape.map((_, axis) => axis).reverse()) => ({
    inputs: [x],
    attrs: { perm },
  }),
  infer: ([x], { perm }: TransposeAttrs) => {
    const rank = x!.shape.length;
    if (perm.length !== rank || x!.shape.some((_, axis) => !perm.includes(axis)))
      throw new ShapeError("shape/permutation", {
        where: "transpose",
        rule: `perm must name each of the ${rank} axes of ${showShape(x!.shape)} once`,
        got: showShape(perm),
        fix: "List the axes in their new order",
        details: { shape: x!.shape, perm },
      });
    return { dtype: x!.dtype, shape: perm.map((axis) => x!.shape[axis]!) };
  },
  vjp: ({ attrs: { perm }, cotangent, ops }) => [
    ops.transpose(
      cotangent,
      perm.map((_, axis) => perm.indexOf(axis)), // the inverse order
    ),
  ],
  toOnnx: ({ emit, inputs, attrs }) => emit.node("Transpose", inputs, { perm: ints(attrs.perm) }),
});
