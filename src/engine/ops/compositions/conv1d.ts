/** @file conv1d: convolution over one axis, as a two-dimensional one of height 1. */

import { ConfigError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { showShape } from "../../tensor/index.ts";
import { assertRank } from "../assert.ts";
import { conv2d } from "../conv2d.ts";
import { reshape } from "../reshape.ts";
import type { Padding } from "../window.ts";

/**
 * "valid": none. "same": as many as make the output ceil(length / stride), an odd one going to the
 * end. "causal": all before the start, so that no output sees a later input. Or [start, end].
 */
export type Padding1d = "valid" | "same" | "causal" | readonly [start: number, end: number];

export interface Conv1dOptions {
  /** float32 [out]; default none */
  readonly bias?: Value;
  /** default 1 */
  readonly stride?: number;
  /** default "valid" */
  readonly padding?: Padding1d;
  /** default 1 */
  readonly dilation?: number;
  /** default 1 */
  readonly groups?: number;
}

const where = "conv1d";

function padding2d(padding: Padding1d, kernelSize: number, dilation: number): Padding {
  if (padding === "causal") return [0, (kernelSize - 1) * dilation, 0, 0];
  if (padding === "valid" || padding === "same") return padding;
  if (!Array.isArray(padding) || padding.length !== 2)
    throw new ConfigError("config/range", {
      where,
      rule: 'padding must be "valid", "same", "causal" or [start, end]',
      got: Array.isArray(padding) ? showShape(padding) : JSON.stringify(padding),
      details: { padding },
    });
  return [0, padding[0], 0, padding[1]];
}

/**
 * One-dimensional convolution as neural networks mean it (no kernel flip):
 *
 *   y[n, o, i] = bias[o] + Σ_c,a  x[n, g·C + c, i·s + a·d − start] · kernel[o, c, a]
 *
 * with C = in/groups and g = the group of output channel o; x is zero outside.
 *
 * @param x float32 [batch, in, length]
 * @param kernel float32 [out, in/groups, kernelSize]
 * @returns float32 [batch, out, length']
 * @throws ShapeError "shape/rank", and the errors of conv2d under its name
 */
export function conv1d(x: Value, kernel: Value, options: Conv1dOptions = {}): Value {
  const { bias, stride = 1, padding = "valid", dilation = 1, groups = 1 } = options;
  assertRank(where, x, 3, "[batch, channels, length]");
  assertRank(where, kernel, 3, "[out, in/groups, kernelSize]");
  const [batch, channels, length] = x.shape;
  const [outputs, perGroup, kernelSize] = kernel.shape;
  const y = conv2d(
    reshape(x, [batch!, channels!, 1, length!]),
    reshape(kernel, [outputs!, perGroup!, 1, kernelSize!]),
    {
      ...(bias === undefined ? {} : { bias }),
      strides: [1, stride],
      padding: padding2d(padding, kernelSize!, dilation),
      dilations: [1, dilation],
      groups,
    },
  ); // [batch, out, 1, length']
  return reshape(y, [batch!, outputs!, y.shape[3]!]);
}
