/** @file Temporal convolutional network: residual blocks whose reach doubles. */

import { ConfigError } from "../../../errors/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import type { LayerBuilder } from "../layer.ts";
import { activation } from "../layers/activation.ts";
import { conv1d } from "../layers/conv1d.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { batchNorm } from "../layers/normalization.ts";
import { type PositionPooling, poolPositions } from "../layers/pooling.ts";
import { residual } from "../layers/residual.ts";
import { asSequence, swapAxes } from "../layers/sequence-shape.ts";
import { type Network, sequential } from "../network.ts";
import { assertOneOf } from "./resnet8.ts";

export interface TcnOptions {
  /** of each block: [32, 32, 64]; block i reaches 2ⁱ⁻¹ · (kernel − 1) steps back, twice */
  readonly channels: readonly number[];
  /** between the two convolutions of each block; default the block's channels */
  readonly inner?: readonly number[];
  /** default 3 */
  readonly kernel?: number;
  /** no output sees a later input; default true */
  readonly causal?: boolean;
  /** mean over time (default), or the last step, which a causal network can give as it listens */
  readonly pooling?: PositionPooling;
  /** dropout rate inside each block, in [0, 1); default 0 */
  readonly dropout?: number;
}

interface Block {
  readonly inputs: number;
  readonly outputs: number;
  readonly inner: number;
  readonly dilation: number;
}

function block({ inputs, outputs, inner, dilation }: Block, options: TcnOptions): LayerBuilder {
  const { kernel = 3, causal = true, dropout: rate = 0 } = options;
  const padding = causal ? "causal" : "same";
  const conv = (channels: number): LayerBuilder =>
    conv1d({ channels, kernel, dilation, padding, bias: false });
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  return residual(
    [
      ["conv1", conv(inner)],
      ["norm1", batchNorm()],
      ["activation", activation("relu")],
      ...drop,
      ["conv2", conv(outputs)],
      ["norm2", batchNorm()],
    ],
    { shortcut: inputs === outputs ? undefined : conv1d({ channels: outputs, kernel: 1 }) },
  );
}

/**
 * Two dilated convolutions a block, batch-normalised where the paper normalises weights.
 *
 * @param inputShape [time, features]; [1, time, features] and [time] are taken too
 * @throws ShapeError "shape/rank" for anything else; ConfigError "config/range" without a block,
 *   for channels that are no positive integers, or for another number of `inner` ones
 * @see Bai, Kolter, Koltun (2018), An Empirical Evaluation of Generic Convolutional and Recurrent
 *   Networks for Sequence Modeling, §3, arXiv:1803.01271
 */
export function tcn(options: TcnOptions, inputShape: Shape, classes: number): Network {
  const { channels, inner, pooling = "mean" } = options;
  if (channels.length === 0)
    throw new ConfigError("config/range", {
      where: "tcn",
      rule: "channels must name at least one block",
      got: "none",
      fix: "Two blocks of 32 channels: [32, 32]",
    });
  assertOneOf("tcn", { channels: inner }, channels.length);
  const features = asSequence()(inputShape).outputShape[1]!;
  const blocks = channels.flatMap((outputs, i): readonly NamedBuilder[] => [
    [
      `block${i + 1}`,
      block(
        {
          inputs: channels[i - 1] ?? features,
          outputs,
          inner: inner?.[i] ?? outputs,
          dilation: 2 ** i,
        },
        options,
      ),
    ],
    [`block${i + 1}Activation`, activation("relu")],
  ]);
  return sequential(`tcn ${channels.join("-")}-${classes}`, inputShape, [
    ["sequence", asSequence()],
    ["toChannels", swapAxes()],
    ...blocks,
    ["toSequence", swapAxes()],
    ["pool", poolPositions(pooling)],
    ["output", dense(classes)],
  ]);
}
