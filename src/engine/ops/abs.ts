/** @file abs: element-wise absolute value. ONNX: Abs (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = |x|, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const abs: Op<[x: Value]> = defineOp({
  name: "abs",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("abs", x!) }),
  // the sign of x; 0 at the kink, as in PyTorch
  vjp: ({ inputs: [x], cotangent, ops }) => [
    ops.where(ops.greater(x!, 0), cotangent, ops.where(ops.less(x!, 0), ops.neg(cotangent), 0)),
  ],
  toOnnx: ({ emit, inputs }) => emit.node("Abs", inputs),
  elementwise: true,
});
