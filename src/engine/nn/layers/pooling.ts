/** @file Pooling layers, of images and of the positions of a sequence. */

import { assertKnown } from "../../../errors/index.ts";
import { input, type Value } from "../../graph/index.ts";
import {
  averagePool,
  cast,
  div,
  globalAveragePool as globalAveragePoolOf,
  maximum,
  maxPool,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  slice,
} from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { assertSequence } from "./sequence-shape.ts";

/**
 * Max or average pooling. @param size window and stride. @throws ConfigError "config/unknown-name"
 */
export function pool2d(kind: "max" | "average", size: number): LayerBuilder {
  assertKnown("pool2d", "kind of pooling", kind, ["max", "average"]);
  const attrs = { kernel: [size, size], strides: [size, size] } as const;
  const apply = (x: Value): Value => (kind === "max" ? maxPool(x, attrs) : averagePool(x, attrs));
  return (inputShape) => ({
    kind: `${kind} pool`,
    parameters: [],
    outputShape: apply(input("x", "float32", [1, ...inputShape])).shape.slice(1),
    macs: 0,
    apply,
  });
}

/** Mean over height and width: [channels, height, width] → [channels]. */
export function globalAveragePool(): LayerBuilder {
  return ([channels]) => ({
    kind: "global average pool",
    parameters: [],
    outputShape: [channels!],
    macs: 0,
    apply: (x) => reshape(globalAveragePoolOf(x), [x.shape[0]!, channels!]),
  });
}

/** The mean of all real positions, or the last position. */
export const positionPoolings = ["mean", "last"] as const;
export type PositionPooling = (typeof positionPoolings)[number];

/** [batch, positions, features] → [batch, features], padding left out. */
function meanOfReal(x: Value, mask: Value): Value {
  const [batch, positions] = [x.shape[0]!, x.shape[1]!];
  const weights = reshape(cast(mask, "float32"), [batch, positions, 1]);
  const real = reduceSum(weights, { axes: [1] });
  return div(reduceSum(mul(x, weights), { axes: [1] }), maximum(real, 1));
}

/**
 * [positions, features] → [features]. The mean leaves padding out; that of a sequence of nothing
 * but padding, such as an empty text, is 0.
 *
 * @throws ConfigError "config/unknown-name"; ShapeError "shape/rank" unless the input is
 *   [positions, features]
 */
export function poolPositions(kind: PositionPooling = "mean"): LayerBuilder {
  assertKnown("poolPositions", "kind of pooling", kind, positionPoolings);
  return (inputShape) => {
    const [positions, features] = assertSequence("poolPositions", inputShape);
    return {
      kind: `${kind} of positions`,
      parameters: [],
      outputShape: [features],
      macs: 0,
      apply: (x, { mask }) => {
        if (kind === "mean")
          return mask === undefined ? reduceMean(x, { axes: [1] }) : meanOfReal(x, mask);
        const last = slice(x, { starts: [positions - 1], ends: [positions], axes: [1] });
        return reshape(last, [x.shape[0]!, features]);
      },
    };
  };
}
