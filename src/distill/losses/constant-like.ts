/**
 * @file Constants of the logits' own dtype: float32 in training, float64 where a loss is checked.
 */

import { constant, type Value } from "../../engine/graph/index.ts";
import { cast, oneHot } from "../../engine/ops/index.ts";
import { float32, type Shape, tensor } from "../../engine/tensor/index.ts";

/** @returns a constant of the dtype of `logits`, which is float32 or float64 */
export function constantLike(logits: Value, shape: Shape, values: ArrayLike<number>): Value {
  if (logits.dtype === "float64")
    return constant(tensor("float64", shape, Float64Array.from(values)));
  return constant(float32(shape, values));
}

/** @returns 1 at each sample's label, 0 elsewhere; shape and dtype of `logits` [batch, classes] */
export function oneHotLike(logits: Value, labels: Value): Value {
  const hard = oneHot(labels, { depth: logits.shape[1]! }); // float32 [batch, classes]
  return logits.dtype === hard.dtype ? hard : cast(hard, logits.dtype);
}
