/** @file maxPool: the largest element under a sliding window. ONNX: MaxPool (opset 12). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { type PoolOptions, pooledSize, poolOnnxAttrs, poolWindow } from "./pool-rule.ts";
import type { Window } from "./window.ts";

/**
 * y[n, c, i, j] = max over a, b of x[n, c, i·s + a − top, j·s + b − left]; padding never wins.
 *
 * The derivative goes to the first largest element of a window in row-major order, as in PyTorch.
 *
 * @param x float32 [batch, channels, height, width]
 * @param options.kernel window size; @param options.strides default the kernel
 * @param options.padding default "valid"
 * @returns float32 [batch, channels, height', width'],
 *   height' = floor((height + padding − kernel) / stride) + 1
 * @throws ShapeError "shape/rank", "shape/empty", "shape/window"; DTypeError "dtype/unsupported";
 *   ConfigError "config/range"
 */
export const maxPool: Op<[x: Value, options: PoolOptions]> = defineOp({
  name: "maxPool",
  arguments: (x: Value, options: PoolOptions) => ({
    inputs: [x],
    attrs: poolWindow("maxPool", x, options),
  }),
  infer: ([x], window: Window) => ({
    shape: [x!.shape[0]!, x!.shape[1]!, ...pooledSize("maxPool", x!, window)],
    dtype: x!.dtype,
  }),
  vjp: ({ inputs: [x], attrs, cotangent, ops }) => [ops.maxPoolGrad(x!, cotangent, attrs)],
  toOnnx: ({ emit, inputs, attrs }) => emit.node("MaxPool", inputs, poolOnnxAttrs(attrs)),
});
