/** @file Weights and biases of a layer in int8 and int32. */

import { clampRange } from "./affine.ts";
import { assertFiniteWeights, assertSmall } from "./assert.ts";
import type { FloatWeighted } from "./lowering/float-layer.ts";
import type { Quantization, WeightedParts } from "./quantized-graph.ts";
import { roundAway } from "./rounding.ts";

/** Biases stay below this, so that sums have room. */
const largestBias = 2 ** 28;

/**
 * scale[c] = max |w[c]| / limit, 127 for 8 bits; bias[c] = round(b[c] / (inputScale · scale[c])). A
 * channel whose weights are so small that its bias would not fit gets the scale under which it
 * does.
 *
 * multiplier = inputScale · scale[c] / outputScale in float64; with one scale for all, the product
 * is rounded to float32 first, as TensorFlow Lite does.
 *
 * @throws QuantizeError "quantize/weights", "quantize/accumulator"
 */
export function quantizeWeights(
  name: string,
  { weights, bias, limits }: FloatWeighted,
  from: Quantization,
  to: Quantization,
  { perChannel, limit }: { readonly perChannel: boolean; readonly limit: number },
): WeightedParts {
  assertFiniteWeights(name, { weights, bias });
  const channels = bias.length;
  const size = weights.length / channels;
  const rows = Array.from(bias, (_, c) => weights.subarray(c * size, (c + 1) * size));
  const own = rows.map((row, c) => channelScale(row, bias[c]!, from.scale, limit));
  const largest = own.reduce((top, scale) => Math.max(top, scale), 0) || 1;
  const weightScales = perChannel
    ? Float32Array.from(own, (scale) => scale || largest)
    : Float32Array.of(largest);
  const scaleOf = (c: number): number => weightScales[perChannel ? c : 0]!;
  const quantized = Int8Array.from(weights, (weight, at) =>
    Math.max(-limit, Math.min(limit, roundAway(weight / scaleOf(Math.floor(at / size))))),
  );
  const biases = Int32Array.from(bias, (b, c) =>
    roundAway(b / Math.fround(from.scale * scaleOf(c))),
  );
  const multipliers = Float64Array.from(weightScales, (scale) => {
    const product = from.scale * scale;
    return (perChannel ? product : Math.fround(product)) / to.scale;
  });
  for (let c = 0; c < channels; c++) {
    const row = quantized.subarray(c * size, (c + 1) * size);
    const sum = row.reduce((total, weight) => total + Math.abs(weight), 0);
    assertSmall(name, Math.abs(biases[c]!) + 256 * sum, multipliers[perChannel ? c : 0]!);
  }
  const clamp = clampRange(limits, to);
  return { weights: quantized, weightScales, bias: biases, multipliers, clamp };
}

/** @returns a float32 scale, or 0 for a channel of nothing */
function channelScale(row: Float32Array, bias: number, inputScale: number, limit: number): number {
  const widest = row.reduce((top, weight) => Math.max(top, Math.abs(weight)), 0);
  return Math.fround(Math.max(widest / limit, Math.abs(bias) / (inputScale * largestBias)));
}
