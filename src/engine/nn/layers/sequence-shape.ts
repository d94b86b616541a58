/** @file The shape of sequences: [positions, features]. Checks, and layers that only rearrange. */

import { ShapeError } from "../../../errors/index.ts";
import { reshape, transpose } from "../../ops/index.ts";
import { type Shape, showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";

/** @throws ShapeError "shape/rank" unless the shape is [positions, features]. @returns both */
export function assertSequence(
  where: string,
  shape: Shape,
): readonly [positions: number, features: number] {
  const [positions, features] = shape;
  if (shape.length !== 2 || positions === undefined || features === undefined)
    throw new ShapeError("shape/rank", {
      where,
      rule: "the input must be [positions, features]",
      got: showShape(shape),
      fix: "Give sequences; a series of single numbers is [positions, 1]",
    });
  return [positions, features];
}

/**
 * [positions, features] stays; [1, positions, features], as spectrograms come, loses its channel;
 * [positions] gets features of one.
 *
 * @throws ShapeError "shape/rank" for anything else
 */
export function asSequence(): LayerBuilder {
  return (inputShape) => {
    const isImage = inputShape.length === 3 && inputShape[0] === 1;
    const outputShape = isImage
      ? inputShape.slice(1)
      : inputShape.length === 1
        ? [...inputShape, 1]
        : inputShape;
    assertSequence("asSequence", outputShape);
    return {
      kind: "as sequence",
      parameters: [],
      outputShape,
      macs: 0,
      apply: (x) => (outputShape === inputShape ? x : reshape(x, [x.shape[0]!, ...outputShape])),
    };
  };
}

/**
 * [positions, features] → [features, positions], and back.
 *
 * @throws ShapeError "shape/rank" for anything else
 */
export function swapAxes(): LayerBuilder {
  return (inputShape) => {
    const [first, second] = assertSequence("swapAxes", inputShape);
    return {
      kind: "swap axes",
      parameters: [],
      outputShape: [second, first],
      macs: 0,
      apply: (x) => transpose(x, [0, 2, 1]),
    };
  };
}
