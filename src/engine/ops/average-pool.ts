/** @file averagePool: the mean under a sliding window. ONNX: AveragePool (opset 11). */

import { constant, type Value } from "../graph/index.ts";
import { float32, type Tensor } from "../tensor/index.ts";
import { type DerivativeOps, defineOp, type Op } from "./define-op.ts";
import { type PoolOptions, pooledSize, poolOnnxAttrs, poolWindow } from "./pool-rule.ts";
import { imageSize, type Size2d, type Window, windowOutput } from "./window.ts";

export interface AveragePoolOptions extends PoolOptions {
  /**
   * divide by the whole window's size, padding too (PyTorch's default); default false: by the
   * image's elements in it (ONNX's)
   */
  readonly countIncludesPadding?: boolean;
}

type AveragePoolAttrs = Window & { readonly countIncludesPadding: boolean };

/** @returns for one axis, how many elements of the image are under the window at each place */
function covered(size: number, places: number, axis: 0 | 1, window: Window): number[] {
  return Array.from({ length: places }, (_, place) => {
    const start = place * window.strides[axis] - window.padding[axis];
    return Math.min(size, start + window.kernel[axis]) - Math.max(0, start);
  });
}

/** What a window's sum is divided by to become its mean. @returns [1, 1, height', width'] */
function divisors(size: Size2d, attrs: AveragePoolAttrs): Tensor {
  const [rows, columns] = windowOutput("averagePool", size, attrs);
  const whole = attrs.kernel[0] * attrs.kernel[1];
  const counts = covered(size[0], rows, 0, attrs).flatMap((height) =>
    covered(size[1], columns, 1, attrs).map((width) => height * width),
  );
  const values = counts.map((count) => (attrs.countIncludesPadding ? whole : count));
  return float32([1, 1, rows, columns], values);
}

/**
 * The sum under a window is a convolution with a kernel of ones on each channel alone; this is its
 * input gradient.
 */
function spread(cotangent: Value, x: Value, attrs: AveragePoolAttrs, ops: DerivativeOps): Value {
  const size = imageSize("averagePool", x);
  const scaled = ops.div(cotangent, constant(divisors(size, attrs)));
  const [batch, channels, rows, columns] = scaled.shape;
  const images = ops.reshape(scaled, [batch! * channels!, 1, rows!, columns!]);
  const [height, width] = attrs.kernel;
  const ones = constant(float32([1, 1, height, width], new Float32Array(height * width).fill(1)));
  const { strides, padding } = attrs;
  return ops.reshape(ops.conv2dInputGrad(images, ones, size, { strides, padding }), x.shape);
}

/**
 * y[n, c, i, j] = (Σ over a, b of x[n, c, i·s + a − top, j·s + b − left]) / count; x is zero
 * outside the image.
 *
 * @param x float32 [batch, channels, height, width]
 * @param options.kernel window size; @param options.strides default the kernel
 * @param options.padding default "valid"
 * @param options.countIncludesPadding default false: count is the number of the image's elements
 *   under the window
 * @returns float32 [batch, channels, height', width'],
 *   height' = floor((height + padding − kernel) / stride) + 1
 * @throws ShapeError "shape/rank", "shape/empty", "shape/window"; DTypeError "dtype/unsupported";
 *   ConfigError "config/range"
 */
export const averagePool: Op<[x: Value, options: AveragePoolOptions]> = defineOp({
  name: "averagePool",
  arguments: (x: Value, options: AveragePoolOptions) => ({
    inputs: [x],
    attrs: {
      ...poolWindow("averagePool", x, options),
      countIncludesPadding: options.countIncludesPadding ?? false,
    },
  }),
  infer: ([x], attrs: AveragePoolAttrs) => ({
    shape: [x!.shape[0]!, x!.shape[1]!, ...pooledSize("averagePool", x!, attrs)],
    dtype: x!.dtype,
  }),
  vjp: ({ inputs: [x], attrs, cotangent, ops }) => [spread(cotangent, x!, attrs, ops)],
  toOnnx: ({ emit, inputs, attrs }) =>
    emit.node("AveragePool", inputs, {
      ...poolOnnxAttrs(attrs),
      count_include_pad: attrs.countIncludesPadding ? 1n : 0n,
    }),
});
