/** @file Fully connected layer. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import { gemm } from "../../ops/index.ts";
import { showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";

/**
 * y = x · kernel + bias.
 *
 * @param units outputs. Input [features]; kernel float32 [features, units], bias float32 [units]
 * @throws ConfigError "config/range" unless units is a positive integer
 * @throws ShapeError "shape/rank" if the input is not one axis of features: flatten it first
 */
export function dense(units: number): LayerBuilder {
  assertInRange("dense", { units }, { from: 1, isInteger: true });
  return (inputShape) => {
    const [features] = inputShape;
    if (inputShape.length !== 1 || features === undefined)
      throw new ShapeError("shape/rank", {
        where: "dense",
        rule: "the input must be [features]",
        got: showShape(inputShape),
        fix: "Put flatten() before it",
      });
    return {
      kind: "dense",
      parameters: [
        {
          name: "kernel",
          shape: [features, units],
          role: "kernel",
          initializer: { kind: "heNormal", fanIn: features },
        },
        { name: "bias", shape: [units], role: "bias", initializer: { kind: "constant", value: 0 } },
      ],
      outputShape: [units],
      macs: features * units,
      apply: (x, { parameter }) => gemm(x, parameter("kernel"), { c: parameter("bias") }),
    };
  };
}
