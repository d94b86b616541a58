/** @file not: element-wise negation of a condition. ONNX: Not (opset 1). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";

/**
 * y = ¬x, element-wise.
 *
 * @param x bool
 * @returns bool, same shape
 * @throws DTypeError "dtype/unsupported"
 */
export const not: Op<[x: Value]> = defineOp({
  name: "not",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertDType("not", x!, ["bool"]) }),
  vjp: { noGradient: "bools have no derivative" },
  toOnnx: ({ emit, inputs }) => emit.node("Not", inputs),
  elementwise: true,
});
