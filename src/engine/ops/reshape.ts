/** @file reshape: the same elements in another shape. ONNX: Reshape (opset 14). */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { elementCount, type Shape, showShape } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { emitReshape } from "./emit.ts";

type ReshapeAttrs = { readonly shape: Shape };

/** @returns `shape` with its one -1, if any, replaced by the size that fits */
function resolve(x: TensorType, shape: Shape): Shape {
  const known = elementCount(shape.filter((size) => size !== -1));
  const unknown = shape.filter((size) => size === -1).length;
  const total = elementCount(x.shape);
  const sizes = shape.every((size) => Number.isInteger(size) && size >= -1);
  const fits = unknown === 0 ? known === total : known > 0 && total % known === 0;
  if (!sizes || unknown > 1 || !fits)
    throw new ShapeError("shape/reshape", {
      where: "reshape",
      rule: `the new shape must hold the ${total} elements of ${showShape(x.shape)}`,
      got: showShape(shape),
      fix: "Make the product of the sizes equal; one size may be -1 and is then worked out",
      details: { from: x.shape, to: shape },
    });
  return shape.map((size) => (size === -1 ? total / known : size));
}

/**
 * The shape as ONNX gets it, with no number for the leading size, so that an exported model may
 * have a free batch axis: 0 copies it; −1 works it out where axes merge into it or part from it.
 */
function onnxShape(from: Shape, to: Shape): readonly number[] {
  if (from.length === 0 || to.length === 0) return to;
  return [from[0] === to[0] ? 0 : -1, ...to.slice(1)];
}

/**
 * The elements of x, in row-major order, in another shape.
 *
 * @param x tensor of any dtype
 * @param shape sizes with the same product; one may be -1 and is worked out
 * @returns same dtype
 * @throws ShapeError "shape/reshape"
 */
export const reshape: Op<[x: Value, shape: Shape]> = defineOp({
  name: "reshape",
  arguments: (x: Value, shape: Shape) => ({ inputs: [x], attrs: { shape: resolve(x, shape) } }),
  infer: ([x], { shape }: ReshapeAttrs) => ({ dtype: x!.dtype, shape: resolve(x!, shape) }),
  vjp: ({ inputs: [x], cotangent, ops }) => [ops.reshape(cotangent, x!.shape)],
  toOnnx: ({ emit, inputs, node, attrs }) => {
    if (attrs.shape.includes(0)) return emitReshape(emit, inputs[0]!, attrs.shape);
    const shape = onnxShape(node.inputs[0]!.shape, attrs.shape);
    return emit.node("Reshape", [inputs[0]!, emit.int64(shape)]);
  },
});
