/** @file MobileNetV1: thirteen depthwise separable blocks, at any width. */

import { assertInRange } from "../../../errors/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import { activation } from "../layers/activation.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { batchNorm } from "../layers/normalization.ts";
import { globalAveragePool } from "../layers/pooling.ts";
import { type Network, sequential } from "../network.ts";
import { assertImage, assertOneOf } from "./resnet8.ts";
import { separableBlock } from "./separable-block.ts";

export interface MobileNetV1Options {
  /** multiplies all numbers of channels, 32 to 1024; default 0.25, MLPerf Tiny's */
  readonly width?: number;
  /** in place of width, fourteen numbers: of the first convolution and of each block */
  readonly channels?: readonly number[];
  /** dropout rate before the output, in [0, 1); default 0 */
  readonly dropout?: number;
}

/** Outputs at width 1 and stride of each block. */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/**
 * The person detector of MLPerf Tiny, for [3, 96, 96] and 2 classes at the default width: 7.49
 * million multiply-accumulates. Its reference model counts 221,794 parameters, of which 5,472 are
 * running statistics and 2,736 are biases that the normalisation after them cancels; here they are
 * left out, so 213,586 are trained.
 *
 * @param inputShape [channels, height, width], 32 or more each way lose nothing to padding
 * @throws ShapeError "shape/rank" for anything but images; ConfigError "config/range" for a width
 *   that is not positive, "config/range" and "config/conflict" for a list of channels that is not
 *   fourteen positive integers, or beside a width
 * @see Howard et al. (2017), MobileNets, table 1, arXiv:1704.04861; Banbury et al. (2021), MLPerf
 *   Tiny Benchmark, arXiv:2106.07597
 */
export function mobileNetV1(
  { width, channels, dropout: rate = 0 }: MobileNetV1Options,
  inputShape: Shape,
  classes: number,
): Network {
  assertOneOf("mobileNetV1", { width, channels }, blocks.length + 1);
  const factor = width ?? 0.25;
  assertInRange("mobileNetV1", { width: factor }, { above: 0 });
  const scaled = (count: number): number => Math.max(1, Math.round(count * factor));
  const all = channels ?? [32, ...blocks.map(([count]) => count)].map(scaled);
  const [first = 0, ...outputs] = all; // 0 is refused by the convolution
  const body = blocks.map(([, stride], i) =>
    separableBlock(`block${i + 1}`, {
      inputs: outputs[i - 1] ?? first,
      outputs: outputs[i]!,
      stride,
    }),
  );
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  const size = channels === undefined ? `x${factor}` : all.join("-");
  return sequential(`mobileNetV1 ${size}-${classes}`, assertImage("mobileNetV1", inputShape), [
    ["conv", conv2d({ channels: first, strides: [2, 2], bias: false })],
    ["norm", batchNorm()],
    ["activation", activation("relu")],
    ...body,
    ["pool", globalAveragePool()],
    ...drop,
    ["output", dense(classes)],
  ]);
}
