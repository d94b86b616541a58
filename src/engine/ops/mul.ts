/** @file mul: element-wise product with broadcasting. ONNX: Mul (opset 14). */

import type { Attrs } from "../graph/index.ts";
import { sameShape } from "../tensor/index.ts";
import { blocksOf, type ImageShape, scaledBlocks } from "./blocked-layout.ts";
import { defineOp, type OnnxContext, type Op, type Operand } from "./define-op.ts";
import { binaryType, operandPair } from "./elementwise-rule.ts";

/** An image in the runtime's blocks times one number a channel, [1, channels, 1, 1]. */
function scaledInBlocks({ emit, node, inputs }: OnnxContext<Attrs>): string | undefined {
  const side = node.inputs.findIndex(({ shape }) => sameShape(shape, node.shape));
  const blocks = side < 0 ? undefined : blocksOf(emit, inputs[side]!);
  if (blocks === undefined) return undefined;
  const shape = node.shape as ImageShape; // only images are in blocks
  if (!sameShape(node.inputs[1 - side]!.shape, [1, shape[1], 1, 1])) return undefined;
  return scaledBlocks(emit, shape, blocks, inputs[1 - side]!);
}

/**
 * y = a · b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const mul: Op<[a: Operand, b: Operand]> = defineOp({
  name: "mul",
  arguments: (a: Operand, b: Operand) => ({ inputs: operandPair("mul", a, b), attrs: {} }),
  infer: ([a, b]) => binaryType("mul", a!, b!),
  vjp: ({ inputs: [a, b], cotangent, ops }) => [ops.mul(cotangent, b!), ops.mul(cotangent, a!)],
  toOnnx: (context) => scaledInBlocks(context) ?? context.emit.node("Mul", context.inputs),
  elementwise: true,
  commutative: true,
});
