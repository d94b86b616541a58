/** @file DS-CNN: a depthwise separable network for keyword spotting. */

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

export interface DsCnnOptions {
  /**
   * of every layer, default 64; or of the first convolution and of each block, in place of blocks
   */
  readonly channels?: number | readonly number[];
  /** depthwise separable blocks; default 4 */
  readonly blocks?: number;
  /** [height, width] of the first convolution, time and frequency; default [10, 4] */
  readonly kernel?: readonly [number, number];
  /** of the first convolution; default [2, 2] */
  readonly strides?: readonly [number, number];
  /** dropout rate before the output, in [0, 1); default 0 (MLPerf's training: 0.4) */
  readonly dropout?: number;
}

/**
 * The keyword network of MLPerf Tiny, for spectrograms [1, 49, 10] and 12 classes by default: 2.66
 * million multiply-accumulates. Its reference model counts 24,908 parameters, of which 1,152 are
 * running statistics and 576 are biases that the normalisation after them cancels; here they are
 * left out, so 23,180 are trained.
 *
 * @param inputShape [channels, frames, features]
 * @throws ShapeError "shape/rank" for anything else; ConfigError "config/range" for blocks that are
 *   no whole number, "config/conflict" for blocks beside a list of channels
 * @see Zhang et al. (2017), Hello Edge: Keyword Spotting on Microcontrollers, arXiv:1711.07128;
 *   Banbury et al. (2021), MLPerf Tiny Benchmark, arXiv:2106.07597
 */
export function dsCnn(options: DsCnnOptions, inputShape: Shape, classes: number): Network {
  const { channels = 64, blocks, kernel = [10, 4], strides = [2, 2], dropout: rate = 0 } = options;
  const isList = typeof channels !== "number";
  assertOneOf("dsCnn", { blocks, channels: isList ? channels : undefined });
  assertInRange("dsCnn", { blocks: blocks ?? 4 }, { from: 0, isInteger: true });
  const widths = isList ? channels : new Array<number>((blocks ?? 4) + 1).fill(channels);
  const first = widths[0] ?? 0; // 0 is refused by the convolution
  const body = widths
    .slice(1)
    .map((outputs, i) => separableBlock(`block${i + 1}`, { inputs: widths[i]!, outputs }));
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  const name = `dsCnn ${isList ? widths.join("-") : `${channels}x${widths.length - 1}`}-${classes}`;
  return sequential(name, assertImage("dsCnn", inputShape), [
    ["conv", conv2d({ channels: first, kernel, strides, bias: false })],
    ["norm", batchNorm()],
    ["activation", activation("relu")],
    ...body,
    ...drop,
    ["pool", globalAveragePool()],
    ["output", dense(classes)],
  ]);
}
