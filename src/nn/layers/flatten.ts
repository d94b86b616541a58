/** @file Flattens each sample to one axis. */

import { reshape } from "../../ops/index.ts";
import { elementCount } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";

/** [channels, height, width] → [channels · height · width] */
export function flatten(): LayerBuilder {
  return (inputShape) => {
    const outputShape = [elementCount(inputShape)];
    return {
      kind: "flatten",
      parameters: [],
      outputShape,
      macs: 0,
      apply: (x) => (x.shape.length === 2 ? x : reshape(x, [x.shape[0]!, ...outputShape])),
    };
  };
}
