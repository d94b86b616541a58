/** @file globalAveragePool: the mean of each channel's image. ONNX: GlobalAveragePool (opset 1). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis, imageSize } from "./window.ts";

/**
 * y[n, c, 0, 0] = mean over i, j of x[n, c, i, j].
 *
 * @param x float32 [batch, channels, height, width]
 * @returns float32 [batch, channels, 1, 1]
 * @throws ShapeError "shape/rank", "shape/empty"; DTypeError "dtype/unsupported"
 */
export const globalAveragePool: Op<[x: Value]> = defineOp({
  name: "globalAveragePool",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => {
    imageSize("globalAveragePool", x!);
    assertNoEmptyAxis("globalAveragePool", x!);
    const dtype = assertDType("globalAveragePool", x!, ["float32"]);
    return { dtype, shape: [x!.shape[0]!, x!.shape[1]!, 1, 1] };
  },
  vjp: ({ inputs: [x], cotangent, ops }) => {
    const [height, width] = imageSize("globalAveragePool", x!);
    return [ops.expand(ops.div(cotangent, height * width), x!.shape)];
  },
  toOnnx: ({ emit, inputs }) => emit.node("GlobalAveragePool", inputs),
});
