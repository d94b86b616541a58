/** @file Flattens each sample to one axis, and back. */

import { reshape } from "../../ops/index.ts";
import { elementCount, type Shape } from "../../tensor/index.ts";
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

/** [features] → a shape with as many elements; the errors of reshape if it has others. */
export function unflatten(outputShape: Shape): LayerBuilder {
  return () => ({
    kind: "unflatten",
    parameters: [],
    outputShape,
    macs: 0,
    apply: (x) => (outputShape.length === 1 ? x : reshape(x, [x.shape[0]!, ...outputShape])),
  });
}
