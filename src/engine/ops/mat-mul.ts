/** @file matMul: matrix product, batched with broadcasting. ONNX: MatMul (opset 13). */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { broadcastShape, showShape } from "../tensor/index.ts";
import { assertFloat, assertSameDType } from "./assert.ts";
import { type DerivativeOps, defineOp, numberTensor, type Op } from "./define-op.ts";

/** Swaps the last two axes. */
function swapped(x: Value, ops: DerivativeOps): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => axis);
  return ops.transpose(x, [...perm.slice(0, -2), rank - 1, rank - 2]);
}

/**
 * y = a · b over the last two axes; leading axes broadcast as in NumPy.
 *
 * @param a float [..., rows, inner]; @param b float [..., inner, columns], same dtype
 * @returns [..., rows, columns]
 * @throws DTypeError "dtype/float", "dtype/mismatch"; ShapeError "shape/rank" below two axes,
 *   "shape/inner", "shape/broadcast"
 */
export const matMul: Op<[a: Value, b: Value]> = defineOp({
  name: "matMul",
  arguments: (a: Value, b: Value) => ({ inputs: [a, b], attrs: {} }),
  infer: ([a, b]) => {
    const dtype = assertSameDType("matMul", a!, b!);
    assertFloat("matMul", a!);
    const shapes = `${showShape(a!.shape)} and ${showShape(b!.shape)}`;
    const details = { shapes: [a!.shape, b!.shape] };
    if (a!.shape.length < 2 || b!.shape.length < 2)
      throw new ShapeError("shape/rank", {
        where: "matMul",
        rule: "both operands must have at least two axes",
        got: shapes,
        fix: "Reshape a vector to a matrix of one row or one column",
        details,
      });
    const [rows, inner] = a!.shape.slice(-2);
    const [innerOfB, columns] = b!.shape.slice(-2);
    if (inner !== innerOfB)
      throw new ShapeError("shape/inner", {
        where: "matMul",
        rule: "a's last size must equal b's second to last",
        got: shapes,
        fix: "Transpose one of them, or correct the layer's sizes",
        details,
      });
    const batch = broadcastShape("matMul", a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return { dtype, shape: [...batch, rows!, columns!] };
  },
  // da = g bᵀ, db = aᵀ g
  vjp: ({ inputs: [a, b], cotangent, ops }) => [
    ops.matMul(cotangent, swapped(b!, ops)),
    ops.matMul(swapped(a!, ops), cotangent),
  ],
  toOnnx: ({ node, emit, inputs }) => {
    if (node.inputs[0]!.shape.at(-1) !== 0) return emit.node("MatMul", inputs);
    // a sum of nothing is 0, but a product that the runtime fuses with a transpose leaves it unset
    return emit.node("Expand", [
      emit.constant(numberTensor(0, node.dtype)),
      emit.int64(node.shape),
    ]);
  },
});
