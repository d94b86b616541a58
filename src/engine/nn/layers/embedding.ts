/** @file Vectors learnt for tokens and for positions. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import { add, cast, gather } from "../../ops/index.ts";
import { isFloat, showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { assertSequence } from "./sequence-shape.ts";

interface EmbeddingOptions {
  /** number of different tokens; ids are 0 … vocabulary − 1 */
  readonly vocabulary: number;
  /** elements of a row */
  readonly width: number;
}

/**
 * [positions] → [positions, width] by table float32 [vocabulary, width].
 *
 * Ids may come as whole numbers in float32, as samples are stored: they are cast to int32, exact up
 * to 2²⁴. An id of `vocabulary` or more fails when the graph runs; a negative one is a row from the
 * table's end, as in ONNX. A training looks at its samples' ids before.
 *
 * @throws ConfigError "config/range" for sizes that are no positive integers
 * @throws ShapeError "shape/rank" unless the input is [positions]
 */
export function embedding({ vocabulary, width }: EmbeddingOptions): LayerBuilder {
  assertInRange("embedding", { vocabulary, width }, { from: 1, isInteger: true });
  return (inputShape) => {
    if (inputShape.length !== 1)
      throw new ShapeError("shape/rank", {
        where: "embedding",
        rule: "the input must be token ids [positions]",
        got: showShape(inputShape),
        fix: "Give one id per position",
      });
    const initializer = { kind: "normal", deviation: 1 / Math.sqrt(width) } as const;
    return {
      kind: "embedding",
      parameters: [{ name: "table", shape: [vocabulary, width], role: "kernel", initializer }],
      outputShape: [...inputShape, width],
      macs: 0,
      vocabulary,
      apply: (x, { parameter }) =>
        gather(parameter("table"), isFloat(x.dtype) ? cast(x, "int32") : x),
    };
  };
}

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
