/** @file Batch normalisation by the batch's own statistics, as in training. */

import { ShapeError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { elementCount, showShape } from "../../tensor/index.ts";
import { assertEpsilon, type BatchNormalizationOptions, channelsOf } from "../batch-rule.ts";
import { mul } from "../mul.ts";
import { normalizeBatch } from "../normalize-batch.ts";
import { reduceMean } from "../reduce-mean.ts";
import { reshape } from "../reshape.ts";
import { sub } from "../sub.ts";
import { assertShape } from "../window.ts";

/** What one batch gives: its normalised self, and its statistics for the running averages. */
export interface BatchNormTraining {
  /** float32, the shape of x */
  readonly y: Value;
  /** float32 [channels] */
  readonly mean: Value;
  /** float32 [channels], divided by n: what y was normalised by */
  readonly variance: Value;
  /**
   * float32 [channels], divided by n − 1: what PyTorch averages for inference (Keras and ONNX
   * average `variance`)
   */
  readonly unbiasedVariance: Value;
}

const where = "batchNormTraining";

/**
 * Normalises each channel over all other axes, n elements a channel:
 *
 *   m[c] = mean x,   v[c] = mean (x − m[c])²,   y = (x − m[c]) / √(v[c] + ε) · scale[c] + bias[c]
 *
 * The variance is computed from centred values: mean x² − m² would lose all digits where |m| is
 * large. Gradients flow through the statistics. Running averages are the caller's: r ← (1 −
 * momentum) · r + momentum · statistic.
 *
 * @param x float32 [batch, channels, ...], more than one element a channel
 * @param scale float32 [channels]; @param bias float32 [channels]
 * @param options.epsilon ε > 0, default 1e-5
 * @throws ShapeError "shape/rank", "shape/mismatch", "shape/batch" for a single element a channel;
 *   ConfigError "config/range"
 * @see Ioffe, Szegedy (2015), Batch Normalization, algorithm 1, arXiv:1502.03167
 */
export function batchNormTraining(
  x: Value,
  scale: Value,
  bias: Value,
  { epsilon = 1e-5 }: BatchNormalizationOptions = {},
): BatchNormTraining {
  const channels = channelsOf(where, x);
  assertEpsilon(where, epsilon);
  assertShape(where, "scale", scale, [channels]);
  assertShape(where, "bias", bias, [channels]);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const count = elementCount(axes.map((axis) => x.shape[axis]!));
  if (count < 2)
    throw new ShapeError("shape/batch", {
      where,
      rule: "a channel must have more than one element, or its variance is 0",
      got: showShape(x.shape),
      fix: "Use a larger batch, or drop the last incomplete one",
      details: { shape: x.shape },
    });
  const spread = x.shape.map((_, axis) => (axis === 1 ? -1 : 1)); // [1, channels, 1, ...]
  const mean = reduceMean(x, { axes }); // [channels]
  const centred = sub(x, reshape(mean, spread));
  const variance = reduceMean(mul(centred, centred), { axes }); // [channels]
  return {
    y: normalizeBatch(x, scale, bias, mean, variance, { epsilon }),
    mean,
    variance,
    unbiasedVariance: mul(variance, count / (count - 1)),
  };
}
