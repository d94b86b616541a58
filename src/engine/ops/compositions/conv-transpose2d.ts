/** @file convTranspose2d: the convolution that enlarges, which is the input gradient of another. */

import { ConfigError, ShapeError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { showShape } from "../../tensor/index.ts";
import { add } from "../add.ts";
import { assertRank } from "../assert.ts";
import { conv2dInputGrad } from "../conv2d-input-grad.ts";
import { reshape } from "../reshape.ts";
import { assertShape, imageSize, type Pads, type Pair, pairOf, reachOf } from "../window.ts";

export interface ConvTranspose2dOptions {
  /** float32 [out]; default none */
  readonly bias?: Value;
  /** default 1 */
  readonly strides?: Pair;
  /** rows and columns cut off the result: [top, left, bottom, right]; default none */
  readonly padding?: Pads;
  /** rows and columns added at bottom and right, fewer than the stride; default [0, 0] */
  readonly outputPadding?: readonly [height: number, width: number];
  /** default 1 */
  readonly dilations?: Pair;
  /** default 1 */
  readonly groups?: number;
}

const where = "convTranspose2d";

/**
 * Transposed convolution: every element of x is spread through the kernel,
 *
 *   y[n, g·C + c, i·s + a·d − top, j·s + b·d − left] += x[n, o, i, j] · kernel[o, c, a, b]
 *
 * with C = out/groups and g = the group of input channel o, then bias[channel] is added. Height and
 * width become (size − 1) · stride + (kernel − 1) · dilation + 1 − padding + outputPadding, as in
 * PyTorch and ONNX.
 *
 * @param x float32 [batch, in, height, width]
 * @param kernel float32 [in, out/groups, kernelHeight, kernelWidth]
 * @returns float32 [batch, out, height', width']
 * @throws ConfigError "config/range"; ShapeError "shape/rank", "shape/window", and the errors of
 *   conv2dInputGrad under its name
 * @see Dumoulin, Visin (2016), A guide to convolution arithmetic, §4, arXiv:1603.07285
 */
export function convTranspose2d(
  x: Value,
  kernel: Value,
  options: ConvTranspose2dOptions = {},
): Value {
  const { bias, padding = [0, 0, 0, 0], outputPadding = [0, 0], groups = 1 } = options;
  const strides = pairOf(where, "strides", options.strides ?? 1);
  const dilations = pairOf(where, "dilations", options.dilations ?? 1);
  const size = imageSize(where, x);
  assertRank(where, kernel, 4, "[in, out/groups, kernelHeight, kernelWidth]");
  const extra = [0, 1] as const;
  const isExtra = (count: number, stride: number): boolean =>
    Number.isInteger(count) && count >= 0 && count < stride;
  if (!extra.every((axis) => isExtra(outputPadding[axis], strides[axis])))
    throw new ConfigError("config/range", {
      where,
      rule: `outputPadding must be integers of at least 0 and below the strides ${showShape(strides)}`,
      got: showShape(outputPadding),
      fix: "Pad the result for more",
      details: { outputPadding, strides },
    });
  const reach = reachOf({ kernel: [kernel.shape[2]!, kernel.shape[3]!], dilations });
  const outputSize = extra.map(
    (axis) =>
      (size[axis] - 1) * strides[axis] +
      reach[axis] -
      padding[axis] -
      padding[axis === 0 ? 2 : 3] +
      outputPadding[axis],
  );
  if (outputSize.some((count) => count < 1))
    throw new ShapeError("shape/window", {
      where,
      rule: "the result must have at least one row and one column",
      got: showShape(outputSize),
      fix: "Use less padding, a larger kernel or a larger image",
      details: { outputSize },
    });
  const window = { strides, dilations, padding, groups };
  const y = conv2dInputGrad(x, kernel, [outputSize[0]!, outputSize[1]!], window);
  if (bias === undefined) return y;
  const channels = y.shape[1]!;
  assertShape(where, "bias", bias, [channels]);
  return add(y, reshape(bias, [channels, 1, 1]));
}
