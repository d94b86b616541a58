/** @file abs: element-wise absolute value. ONNX: Abs (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = |x|, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const abs: Op<[x: Value]> = defineUnary({
  name: "abs",
  type: "Abs",
  // the sign of x; 0 at the kink, as in PyTorch
  vjp: ({ inputs: [x], cotangent, ops }) => [
    ops.where(ops.greater(x!, 0), cotangent, ops.where(ops.less(x!, 0), ops.neg(cotangent), 0)),
  ],
});
