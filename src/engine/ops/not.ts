/** @file not: element-wise negation of a condition. ONNX: Not (opset 1). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = ¬x, element-wise.
 *
 * @param x bool
 * @returns bool, same shape
 * @throws DTypeError "dtype/unsupported"
 */
export const not: Op<[x: Value]> = defineUnary({
  name: "not",
  type: "Not",
  dtypes: ["bool"],
  vjp: { noGradient: "bools have no derivative" },
});
