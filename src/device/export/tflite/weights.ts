/** @file Weights and biases as constant tensors. */

import type { Shape } from "../../../engine/tensor/index.ts";
import { ExportError } from "../../../errors/index.ts";
import type { WeightedLayer } from "../../quantize/index.ts";
import type { Step } from "../channels-last/channels-last.ts";
import type { Network } from "./network.ts";

/**
 * XNNPACK refuses larger multipliers, and LiteRT then gives nonsense in place of an error; outputs
 * of such a layer would be nothing but the ends of their range.
 */
const largestMultiplier = 256;

/**
 * Weight scales along `axis`; the bias has inputScale · weightScale along its one axis, which every
 * runtime wants so.
 *
 * @param shape of the weights, which stand in its order
 * @returns the positions of weights and bias
 * @throws ExportError "export/unsupported" for a multiplier of 256 or more
 */
export function weightTensors(
  { layer, inputTensors }: Step<WeightedLayer>,
  shape: Shape,
  axis: number,
  network: Network,
): readonly [weights: number, bias: number] {
  const { name, weights, bias } = layer;
  assertMultipliers(name, layer.multipliers);
  const input = inputTensors[0]!; // weighted layers have one input
  const scale = Array.from(layer.weightScales);
  const zeroPoint = scale.map(() => 0);
  const biasScale = scale.map((own) => Math.fround(input.scale * own));
  return [
    network.tensor({
      name: `${name}/weights`,
      type: "int8",
      shape,
      scales: { scale, zeroPoint, axis: scale.length > 1 ? axis : 0 },
      data: weights,
    }),
    network.tensor({
      name: `${name}/bias`,
      type: "int32",
      shape: [bias.length],
      scales: { scale: biasScale, zeroPoint, axis: 0 },
      data: bias,
    }),
  ];
}

function assertMultipliers(where: string, multipliers: Float64Array): void {
  const largest = multipliers.reduce((top, multiplier) => Math.max(top, multiplier), 0);
  if (largest < largestMultiplier) return;
  throw new ExportError("export/unsupported", {
    where,
    rule: `TensorFlow Lite takes inputScale * weightScale / outputScale below ${largestMultiplier}`,
    got: largest.toPrecision(4),
    fix: "Calibrate with samples that exercise this layer",
    details: { largest },
  });
}
