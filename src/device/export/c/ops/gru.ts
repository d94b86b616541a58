/** @file A gated recurrent unit in C: all steps at once, or one of a state that is kept. */

import { type GateWeights, type GruLayer, quantizeMultiplier } from "../../../quantize/index.ts";
import { constantArray } from "../c-text.ts";
import type { CLowering } from "../operation.ts";

/** @returns tables and initialiser; bias[row] takes −zeroPoint · Σ w[row] */
function gates(own: GateWeights, name: string, zeroPoint: number) {
  const { weights, bias, multipliers } = own;
  const taps = weights.length / bias.length;
  const folded = bias.map((b, row) => {
    const sum = weights.subarray(row * taps, (row + 1) * taps).reduce((total, w) => total + w, 0);
    return b - zeroPoint * sum;
  });
  const fixed = Array.from(multipliers, quantizeMultiplier);
  const constants = [
    constantArray("int8_t", `${name}_weights`, weights, 3), // the last row may be read past its end
    constantArray("int32_t", `${name}_bias`, folded),
    constantArray(
      "int32_t",
      `${name}_multipliers`,
      fixed.map(({ multiplier }) => multiplier),
    ),
    constantArray(
      "int8_t",
      `${name}_shifts`,
      fixed.map(({ shift }) => -shift),
    ),
  ].join("");
  const parts = ["weights", "bias", "multipliers", "shifts"].map((part) => `${name}_${part}`);
  const initializer = `{${parts.join(", ")}, ${taps}}`;
  return { constants, initializer, bytes: weights.length + 3 + 9 * bias.length + 20 };
}

const spreadBytes = (count: number): number => 8 * Math.ceil(count / 4);

export const lowerGru: CLowering<GruLayer> = ({ layer, inputTensors }, name) => {
  const units = layer.fromState.bias.length / 3;
  const features = layer.fromInput.weights.length / layer.fromInput.bias.length;
  const [, steps] = inputTensors[0]!.shape as readonly [number, number, number]; // a sequence
  const fromInput = gates(layer.fromInput, `${name}_input`, inputTensors[0]!.zeroPoint);
  const fromState = gates(layer.fromState, `${name}_state`, 0);
  const both = `{${fromInput.initializer}, ${fromState.initializer}, ${units}}`;
  const stateBytes = 4 * Math.ceil((3 * units) / 4);
  const { linearBeforeReset } = layer;
  const [kernel, call] = linearBeforeReset
    ? (["gru", "gru"] as const)
    : (["resetGru", "reset_gru"] as const);
  const kept = linearBeforeReset ? 0 : 4 * Math.ceil(units / 4); // the state after its reset
  return {
    kernels: [kernel],
    constants: `${fromInput.constants}${fromState.constants}static const gru_layer ${name} = ${both};\n`,
    constantBytes: fromInput.bytes + fromState.bytes + 4,
    call: ({ inputs, output, scratch }) =>
      `${call}(&${name}, ${steps}, ${inputs[0]}, ${output}, ${scratch});`,
    held: {
      stateBytes,
      call: ({ inputs, output, scratch }, state) =>
        `${call}_held(&${name}, ${inputs[0]}, ${state}, ${output}, ${scratch});`,
    },
    scratch: {
      portable: stateBytes + kept,
      dsp:
        stateBytes +
        spreadBytes(features) +
        spreadBytes(units) +
        (linearBeforeReset ? 0 : spreadBytes(units) + kept),
    },
    overlaps: [null],
    macs: steps * (layer.fromInput.weights.length + layer.fromState.weights.length),
  };
};
