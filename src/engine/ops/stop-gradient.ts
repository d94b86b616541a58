/** @file stopGradient: the identity that no gradient passes. ONNX: Identity (opset 16). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = x; the reverse walk treats y as a constant.
 *
 * @param x tensor of any dtype and shape
 * @returns same dtype and shape
 */
export const stopGradient: Op<[x: Value]> = defineOp({
  name: "stopGradient",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  vjp: () => [null],
  cutsGradient: true,
  toOnnx: ({ emit, inputs }) => emit.node("Identity", inputs),
  elementwise: true,
});
