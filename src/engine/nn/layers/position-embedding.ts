/** @file Learned positions: each position of a sequence has a vector that is added. */

import { add } from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { assertSequence } from "./sequence-shape.ts";

/**
 * y = x + table, with table float32 [positions, width].
 *
 * @throws ShapeError "shape/rank" unless the input is [positions, features]
 */
export function positionEmbedding(): LayerBuilder {
  return (inputShape) => {
    const [, width] = assertSequence("positionEmbedding", inputShape);
    const initializer = { kind: "normal", deviation: 0.1 / Math.sqrt(width) } as const;
    return {
      kind: "position embedding",
      parameters: [{ name: "table", shape: inputShape, role: "offset", initializer }],
      outputShape: inputShape,
      macs: 0,
      apply: (x, { parameter }) => add(x, parameter("table")),
    };
  };
}
