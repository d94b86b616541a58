/** @file What layers with weights share in C: their tables, and the struct that points to them. */

import { quantizeMultiplier, type WeightedLayer } from "../../../quantize/index.ts";
import type { Step } from "../../channels-last/channels-last.ts";
import { constantArray, integer } from "../c-text.ts";
import type { KernelTraits } from "../kernels/scale.ts";

interface WeightedText {
  readonly constants: string;
  /** initialiser of a `weighted` */
  readonly initializer: string;
  readonly bytes: number;
}

/**
 * @param foldZeroPoint the kernel multiplies raw inputs: bias[o] takes −zeroPoint · Σ w[o]
 */
export function weightedText(
  { layer, inputTensors, outputTensor }: Step<WeightedLayer>,
  name: string,
  foldZeroPoint: boolean,
  { sharedMultipliers }: KernelTraits,
): WeightedText {
  const { weights, bias, multipliers, clamp } = layer;
  const { zeroPoint } = inputTensors[0]!; // weighted layers have one input
  const taps = weights.length / bias.length;
  const folded = bias.map((own, o) => {
    const row = weights.subarray(o * taps, (o + 1) * taps);
    return foldZeroPoint ? own - zeroPoint * row.reduce((sum, weight) => sum + weight, 0) : own;
  });
  const fixed = Array.from(multipliers, quantizeMultiplier);
  const each = multipliers.length > 1 ? -1 : 0;
  // whole words are loaded: the last row may be read three bytes past its end
  const shared = sharedMultipliers ? fixed[0]! : undefined; // there is at least one
  const pointers = ["weights", "bias", ...(shared ? [] : ["multipliers", "shifts"])];
  const rounding = 1 + 2 * outputTensor.zeroPoint;
  const numbers = [
    ...(shared ? [shared.multiplier] : []),
    ...[taps, bias.length, rounding, shared ? -shared.shift - 1 : each],
    ...[zeroPoint, clamp.min, clamp.max],
  ];
  const tables = [
    constantArray("int8_t", `${name}_weights`, weights, 3),
    constantArray("int32_t", `${name}_bias`, folded),
  ];
  const perOutput = [
    constantArray(
      "int32_t",
      `${name}_multipliers`,
      fixed.map(({ multiplier }) => multiplier),
    ),
    constantArray(
      "int8_t",
      `${name}_shifts`,
      fixed.map(({ shift }) => -shift - 1),
    ),
  ];
  const constants = [...tables, ...(shared ? [] : perOutput)].join("");
  const parts = [...pointers.map((part) => `${name}_${part}`), ...numbers.map(integer)];
  return {
    constants,
    initializer: `{${parts.join(", ")}}`,
    bytes: weights.length + 3 + 4 * bias.length + (shared ? 28 : 5 * fixed.length + 32),
  };
}
