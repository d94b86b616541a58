/** @file The same fully connected layer at each position of a sequence. */

import { assertInRange } from "../../../errors/index.ts";
import { gemm, reshape } from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { rectifierKernel, zeroBias } from "../parameter-kinds.ts";
import { assertSequence } from "./sequence-shape.ts";

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
