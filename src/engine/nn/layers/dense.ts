/** @file Dense layers: of a row of features, and of each position alike. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import { gemm, reshape } from "../../ops/index.ts";
import { showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { rectifierKernel, zeroBias } from "../parameter.ts";
import { assertSequence } from "./sequence-shape.ts";

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
      parameters: [rectifierKernel([features, units], features), zeroBias(units)],
      outputShape: [units],
      macs: features * units,
      apply: (x, { parameter }) => gemm(x, parameter("kernel"), { c: parameter("bias") }),
    };
  };
}

/**
 * y = x · kernel + bias at each position: [positions, features] → [positions, units], with kernel
 * float32 [features, units] and bias float32 [units]. All positions of the batch are one product.
 *
 * @throws ConfigError "config/range" unless units is a positive integer
 * @throws ShapeError "shape/rank" unless the input is [positions, features]
 */
export function positionwiseDense(units: number): LayerBuilder {
  assertInRange("positionwiseDense", { units }, { from: 1, isInteger: true });
  return (inputShape) => {
    const [positions, features] = assertSequence("positionwiseDense", inputShape);
    return {
      kind: "positionwise dense",
      parameters: [rectifierKernel([features, units], features), zeroBias(units)],
      outputShape: [positions, units],
      macs: positions * features * units,
      apply: (x, { parameter }) => {
        const batch = x.shape[0]!;
        const rows = reshape(x, [batch * positions, features]);
        const y = gemm(rows, parameter("kernel"), { c: parameter("bias") });
        return reshape(y, [batch, positions, units]);
      },
    };
  };
}
