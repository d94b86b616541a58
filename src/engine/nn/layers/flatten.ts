/** @file Flattens each sample to one axis, and back. */

import { ShapeError } from "../../../errors/index.ts";
import { reshape } from "../../ops/index.ts";
import { elementCount, type Shape, sameShape, showShape } from "../../tensor/index.ts";
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

/**
 * [features] → a shape with as many elements, in row-major order.
 *
 * @param outputShape of one sample, every size written out
 * @throws ShapeError "shape/reshape" if the input has another number of elements
 */
export function unflatten(outputShape: Shape): LayerBuilder {
  return (inputShape) => {
    const elements = elementCount(inputShape);
    const areSizes = outputShape.every((size) => Number.isInteger(size) && size >= 0);
    if (!areSizes || elementCount(outputShape) !== elements)
      throw new ShapeError("shape/reshape", {
        where: "unflatten",
        rule: `the new shape must hold the ${elements} elements of ${showShape(inputShape)}`,
        got: showShape(outputShape),
        fix: "Make the product of the sizes equal; none may be left open",
        details: { from: inputShape, to: outputShape },
      });
    return {
      kind: "unflatten",
      parameters: [],
      outputShape,
      macs: 0,
      apply: (x) =>
        sameShape(inputShape, outputShape) ? x : reshape(x, [x.shape[0]!, ...outputShape]),
    };
  };
}
