/** @file What the pooling operators share: options, the rule of padding, and the output's size. */

import { ConfigError } from "../../errors/index.ts";
import type { TensorType } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertDType } from "./elementwise-rule.ts";
import { ints, type OnnxAttr } from "./emit.ts";
import {
  assertNoEmptyAxis,
  imageSize,
  type Padding,
  type Pair,
  resolveWindow,
  type Size2d,
  type Window,
  windowOutput,
} from "./window.ts";

export interface PoolOptions {
  /** size of the window, one number or [height, width] */
  readonly kernel: Pair;
  /**
   * default: the kernel, so that windows touch and do not overlap (PyTorch's and Keras's default;
   * ONNX's is 1)
   */
  readonly strides?: Pair;
  /** default "valid" */
  readonly padding?: Padding;
}

/** @returns the window that the options describe over x */
export function poolWindow(where: string, x: TensorType, options: PoolOptions): Window {
  const { kernel, strides = kernel, padding = "valid" } = options;
  return resolveWindow(where, imageSize(where, x), kernel, { strides, padding });
}

/**
 * @returns height and width of the pooled image
 * @throws ConfigError "config/range" if a side is padded by a whole kernel, so that a window could
 *   lie outside the image
 */
export function pooledSize(where: string, x: TensorType, window: Window): Size2d {
  assertDType(where, x, ["float32"]);
  const size = imageSize(where, x);
  assertNoEmptyAxis(where, x);
  const { kernel, padding } = window;
  if (padding.some((size, side) => size >= kernel[side % 2]!))
    throw new ConfigError("config/range", {
      where,
      rule: `padding must be smaller than the kernel ${showShape(kernel)} on every side`,
      got: showShape(padding),
      fix: "Pad less, or pad the image first",
      details: { kernel, padding },
    });
  return windowOutput(where, size, window);
}

/** @returns the ONNX attributes of the window */
export function poolOnnxAttrs({ kernel, strides, padding }: Window): Record<string, OnnxAttr> {
  return { kernel_shape: ints(kernel), strides: ints(strides), pads: ints(padding) };
}
