/** @file Layer normalisation: each sample by its own statistics. */

import { ShapeError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { showShape } from "../../tensor/index.ts";
import { add } from "../add.ts";
import { assertEpsilon, type BatchNormalizationOptions } from "../batch-rule.ts";
import { mul } from "../mul.ts";
import { assertNoEmptyAxis, assertShape } from "../window.ts";
import { standardize } from "./standardize.ts";

const where = "layerNormalization";

/**
 * y = (x − m) / √(v + ε) · scale + bias, with m and v the mean and the variance (divided by n) over
 * the last axes of x, as many as `scale` has. The same in training and inference.
 *
 * @param x float32 or float64 [..., ...normalised]
 * @param scale dtype of x, [...normalised]: the last sizes of x; @param bias the same
 * @param options.epsilon ε > 0, default 1e-5, as in PyTorch and ONNX (Keras: 1e-3)
 * @returns same dtype and shape as x
 * @throws ShapeError "shape/rank" unless scale has 1 … rank x axes, "shape/mismatch",
 *   "shape/empty"; DTypeError "dtype/mismatch"; ConfigError "config/range"
 * @see Ba, Kiros, Hinton (2016), Layer Normalization, eq. 4, arXiv:1607.06450
 */
export function layerNormalization(
  x: Value,
  scale: Value,
  bias: Value,
  { epsilon = 1e-5 }: BatchNormalizationOptions = {},
): Value {
  assertEpsilon(where, epsilon);
  const first = x.shape.length - scale.shape.length;
  if (scale.shape.length < 1 || first < 0)
    throw new ShapeError("shape/rank", {
      where,
      rule: `scale must have 1 to ${x.shape.length} axes, the last ones of x`,
      got: `${showShape(scale.shape)} for x of ${showShape(x.shape)}`,
      fix: "Give scale the sizes of the axes to normalise over",
      details: { x: x.shape, scale: scale.shape },
    });
  assertNoEmptyAxis(where, x);
  const normalised = x.shape.slice(first);
  assertShape(where, "scale", scale, normalised);
  assertShape(where, "bias", bias, normalised);
  const axes = normalised.map((_, axis) => first + axis);
  return add(mul(standardize(x, axes, epsilon), scale), bias);
}
