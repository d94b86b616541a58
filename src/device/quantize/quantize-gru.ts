/** @file A gated recurrent unit's weights in int8, each row with its scale. */

import { assertFiniteWeights, assertSmall } from "./assert.ts";
import type { FloatGru } from "./lowering/float-layer.ts";
import type { GateWeights, GruLayer, Quantization } from "./quantized-graph.ts";
import { gateBits, stateQuantization } from "./reference/gru.ts";
import { roundAway } from "./rounding.ts";

/** Biases stay below this; see quantizeWeights. */
const largestBias = 2 ** 29;

/**
 * @param limit of the integers of weights: 127 for 8 bits
 * @throws QuantizeError "quantize/accumulator" naming a layer whose 32-bit sums could overflow;
 *   "quantize/weights" one whose weights are not finite
 */
export function quantizeGru(
  name: string,
  { kernel, recurrentKernel, bias, linearBeforeReset }: FloatGru,
  from: Quantization,
  limit: number,
): Pick<GruLayer, "fromInput" | "fromState" | "linearBeforeReset"> {
  assertFiniteWeights(name, { kernel, "recurrent kernel": recurrentKernel, bias });
  const rows = bias.length / 2;
  return {
    linearBeforeReset,
    fromInput: gates(name, kernel, bias.subarray(0, rows), { from, limit }),
    fromState: gates(name, recurrentKernel, bias.subarray(rows), {
      from: stateQuantization,
      limit,
    }),
  };
}

function gates(
  name: string,
  weights: Float32Array,
  bias: Float32Array,
  { from: { scale: inputScale }, limit }: { readonly from: Quantization; readonly limit: number },
): GateWeights {
  const size = weights.length / bias.length;
  const weightScales = Float32Array.from(bias, (b, row) => {
    const own = weights.subarray(row * size, (row + 1) * size);
    const widest = own.reduce((top, weight) => Math.max(top, Math.abs(weight)), 0);
    return Math.max(widest / limit, Math.abs(b) / (inputScale * largestBias)) || 1;
  });
  const quantized = Int8Array.from(weights, (weight, at) =>
    Math.max(-limit, Math.min(limit, roundAway(weight / weightScales[Math.floor(at / size)]!))),
  );
  const biases = Int32Array.from(bias, (b, row) =>
    roundAway(b / Math.fround(inputScale * weightScales[row]!)),
  );
  const multipliers = Float64Array.from(
    weightScales,
    (scale) => inputScale * scale * 2 ** gateBits,
  );
  biases.forEach((b, row) => {
    const own = quantized.subarray(row * size, (row + 1) * size);
    const sum = own.reduce((total, weight) => total + Math.abs(weight), 0);
    assertSmall(name, Math.abs(b) + 256 * sum, multipliers[row]!);
  });
  return { weights: quantized, weightScales, bias: biases, multipliers };
}
