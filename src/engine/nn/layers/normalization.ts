/** @file Layers that normalise: by the batch, by groups of channels, by features of a position. */

import { assertInRange } from "../../../errors/index.ts";
import {
  add,
  batchNormalization,
  batchNormTraining,
  groupNormalization,
  layerNormalization,
  mul,
} from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { scaleAndOffset } from "../parameter.ts";

interface BatchNormOptions {
  /** ε under the root; default 1e-5, PyTorch's */
  readonly epsilon?: number;
  /**
   * share of the old running statistic kept at each step; default 0.9, PyTorch's (its momentum 0.1
   * is the other share)
   */
  readonly momentum?: number;
}

/**
 * Normalises each channel over batch and positions; at inference by running statistics. The running
 * variance is unbiased (divided by n − 1), as in PyTorch and unlike Keras and ONNX's training mode.
 *
 * @throws ConfigError "config/range" unless epsilon > 0 and 0 ≤ momentum < 1
 * @see Ioffe, Szegedy (2015), Batch Normalization, arXiv:1502.03167
 */
export function batchNorm({ epsilon = 1e-5, momentum = 0.9 }: BatchNormOptions = {}): LayerBuilder {
  assertInRange("batchNorm", { epsilon }, { above: 0 });
  assertInRange("batchNorm", { momentum }, { from: 0, below: 1 });
  return (inputShape) => {
    const shape = [inputShape[0]!];
    const start = (value: number) => ({ kind: "constant", value }) as const;
    return {
      kind: "batch norm",
      parameters: [
        { name: "scale", shape, role: "scale", initializer: start(1) },
        { name: "offset", shape, role: "offset", initializer: start(0) },
        { name: "mean", shape, role: "statistic", initializer: start(0) },
        { name: "variance", shape, role: "statistic", initializer: start(1) },
      ],
      outputShape: inputShape,
      macs: 0,
      apply: (x, { training, parameter, updateStatistic }) => {
        const [scale, offset] = [parameter("scale"), parameter("offset")];
        const [mean, variance] = [parameter("mean"), parameter("variance")];
        if (!training) return batchNormalization(x, scale, offset, mean, variance, { epsilon });
        const batch = batchNormTraining(x, scale, offset, { epsilon });
        updateStatistic("mean", add(mul(mean, momentum), mul(batch.mean, 1 - momentum)));
        updateStatistic(
          "variance",
          add(mul(variance, momentum), mul(batch.unbiasedVariance, 1 - momentum)),
        );
        return batch.y;
      },
    };
  };
}

/**
 * Normalises groups of channels of each sample: [channels, ...]. It needs no statistics, so it is
 * the same in training and inference and for any batch size.
 *
 * @param options.groups divides the channels; @param options.epsilon default 1e-5, PyTorch's
 * @see Wu, He (2018), Group Normalization, arXiv:1803.08494
 */
export function groupNorm(options: {
  readonly groups: number;
  readonly epsilon?: number;
}): LayerBuilder {
  return (inputShape) => ({
    kind: "group norm",
    parameters: scaleAndOffset(inputShape[0]!),
    outputShape: inputShape,
    macs: 0,
    apply: (x, { parameter }) =>
      groupNormalization(x, parameter("scale"), parameter("offset"), options),
  });
}

/**
 * Normalises the last axis of each position: [..., features].
 *
 * @param options.epsilon default 1e-5, PyTorch's
 * @see Ba, Kiros, Hinton (2016), Layer Normalization, arXiv:1607.06450
 */
export function layerNorm({ epsilon = 1e-5 }: { readonly epsilon?: number } = {}): LayerBuilder {
  return (inputShape) => ({
    kind: "layer norm",
    parameters: scaleAndOffset(inputShape.at(-1)!),
    outputShape: inputShape,
    macs: 0,
    apply: (x, { parameter }) =>
      layerNormalization(x, parameter("scale"), parameter("offset"), { epsilon }),
  });
}
