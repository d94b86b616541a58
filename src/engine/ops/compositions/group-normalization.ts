/** @file Group normalisation: each group of a sample's channels by its own statistics. */

import { ShapeError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { showShape } from "../../tensor/index.ts";
import { add } from "../add.ts";
import { assertEpsilon, type BatchNormalizationOptions, channelsOf } from "../batch-rule.ts";
import { mul } from "../mul.ts";
import { reshape } from "../reshape.ts";
import { assertNoEmptyAxis, assertShape } from "../window.ts";
import { standardize } from "./standardize.ts";

export interface GroupNormalizationOptions extends BatchNormalizationOptions {
  /** channels are cut into so many groups; 1 takes all together, `channels` each alone */
  readonly groups: number;
}

const where = "groupNormalization";

/**
 * y = (x − m) / √(v + ε) · scale[c] + bias[c], with m and v the mean and the variance (divided by
 * n) over a sample's group of channels and all positions. The same in training and inference.
 *
 * @param x float32 or float64 [batch, channels, ...]
 * @param scale dtype of x, [channels]; @param bias the same
 * @param options.groups divides the channels; @param options.epsilon ε > 0, default 1e-5
 * @returns same dtype and shape as x
 * @throws ShapeError "shape/rank", "shape/groups", "shape/mismatch", "shape/empty"; DTypeError
 *   "dtype/mismatch"; ConfigError "config/range"
 * @see Wu, He (2018), Group Normalization, arXiv:1803.08494
 */
export function groupNormalization(
  x: Value,
  scale: Value,
  bias: Value,
  { groups, epsilon = 1e-5 }: GroupNormalizationOptions,
): Value {
  assertEpsilon(where, epsilon);
  const channels = channelsOf(where, x);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new ShapeError("shape/groups", {
      where,
      rule: `groups must divide the ${channels} channels of ${showShape(x.shape)}`,
      got: String(groups),
      fix: "Choose a divisor",
      details: { channels, groups },
    });
  assertNoEmptyAxis(where, x);
  assertShape(where, "scale", scale, [channels]);
  assertShape(where, "bias", bias, [channels]);
  const [batch, , ...positions] = x.shape;
  const grouped = reshape(x, [batch!, groups, channels / groups, ...positions]);
  const axes = grouped.shape.map((_, axis) => axis).slice(2);
  const y = reshape(standardize(grouped, axes, epsilon), x.shape);
  const spread = [channels, ...positions.map(() => 1)]; // [channels, 1, ...]
  return add(mul(y, reshape(scale, spread)), reshape(bias, spread));
}
