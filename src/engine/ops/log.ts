/** @file log: element-wise natural logarithm. ONNX: Log (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = ln x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; −∞ at 0, NaN below
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const log: Op<[x: Value]> = defineUnary({
  name: "log",
  type: "Log",
  vjp: ({ inputs: [x], cotangent, ops }) => [ops.div(cotangent, x!)], // d ln x = dx / x
});
