/**
 * @file A gated recurrent unit in integers. Gates are added with 12 fraction bits in 16 bits;
 * sigmoid by a table of 257 numbers, linear between them, with 15; the state is kept in 16 bits
 * with 15, and its upper 8 bits, rounded, are what the recurrent product reads and the layer gives.
 *
 *   z = σ(a_z + c_z)  r = σ(a_r + c_r)  n = tanh(aₙ + r · cₙ)  h′ = n + z · (h − n)
 *
 * with a = input · W + b and c = h₈ · R + d, each row rounded once to 12 fraction bits. Where the
 * reset gate comes before the product, n = tanh(aₙ + k₈ · Rₙ + dₙ) with k = r · h, whose upper byte
 * is read.
 */

import type { GateWeights, GruLayer, Quantization } from "../quantized-graph.ts";
import { quantizeMultiplier, type Rounding, scaleAccumulator } from "../rounding.ts";
import type { LayerRun } from "./layer-run.ts";

/** Fraction bits of a gate's sum. */
export const gateBits = 12;

/** Of the layer's output: the upper byte of a state between −1 and 1. */
export const stateQuantization: Quantization = { scale: 1 / 128, zeroPoint: 0 };

/** σ(i / 32), i = 0 … 256, 15 fraction bits. */
export const sigmoidTable: Int32Array = Int32Array.from({ length: 257 }, (_, i) =>
  Math.round(2 ** 15 / (1 + Math.exp(-i / 32))),
);

const within16 = (x: number): number => Math.max(-32767, Math.min(32767, x));

/** @param x 12 fraction bits, at most 16 bits. @returns 15 fraction bits */
export function sigmoid16(x: number): number {
  const size = Math.abs(x);
  const at = Math.floor(size / 128);
  const [low, high] = [sigmoidTable[at]!, sigmoidTable[at + 1]!];
  const y = low + Math.floor(((high - low) * (size % 128) + 64) / 128);
  return x < 0 ? 32768 - y : y;
}

/** tanh(x) = 2σ(2x) − 1. @param x 12 fraction bits, at most 16 bits. @returns 15 fraction bits */
export function tanh16(x: number): number {
  const y = 2 * sigmoid16(Math.min(32767, 2 * Math.abs(x))) - 32768;
  return x < 0 ? 0 - y : y;
}

/** (a · b + 2¹⁴) / 2¹⁵, rounded down */
const product15 = (a: number, b: number): number => Math.floor((a * b + 2 ** 14) / 2 ** 15);

/** 16 bits with 15 fraction bits → the upper 8, rounded */
const upperByte = (x: number): number => Math.max(-128, Math.min(127, Math.floor((x + 128) / 256)));

/** A row's product, scaled to 12 fraction bits. */
function gateSums(gates: GateWeights, rounding: Rounding) {
  const fixed = Array.from(gates.multipliers, quantizeMultiplier);
  const size = gates.weights.length / gates.bias.length;
  return (row: number, x: ArrayLike<number>, zeroPoint: number): number => {
    let acc = gates.bias[row]!;
    for (let i = 0; i < size; i++) acc += (x[i]! - zeroPoint) * gates.weights[row * size + i]!;
    return within16(scaleAccumulator(acc, gates.multipliers[row]!, fixed[row]!, rounding));
  };
}

/**
 * @returns the state after each step, from a state of zeros; runtimes that multiply in float32
 *   have none: it rounds as tflm there
 */
export function runGru({ layer, inputs, inputTensors, rounding }: LayerRun<GruLayer>): Int8Array {
  const x = inputs[0]!;
  const { zeroPoint } = inputTensors[0]!;
  const units = layer.fromState.bias.length / 3;
  const features = layer.fromInput.weights.length / layer.fromInput.bias.length;
  const steps = x.length / features;
  const own = rounding === "single" ? "single" : "tflm";
  const [fromInput, fromState] = [gateSums(layer.fromInput, own), gateSums(layer.fromState, own)];
  const state = new Int32Array(units);
  const states = new Int8Array(steps * units);
  let held = new Int8Array(units);
  for (let t = 0; t < steps; t++) {
    const now = x.subarray(t * features, (t + 1) * features);
    const a = (gate: number, u: number): number => fromInput(gate * units + u, now, zeroPoint);
    const c = (gate: number, u: number, of = held): number => fromState(gate * units + u, of, 0);
    const gate = (at: 0 | 1, u: number): number => sigmoid16(within16(a(at, u) + c(at, u)));
    const kept = layer.linearBeforeReset
      ? held
      : Int8Array.from(state, (h, u) => upperByte(product15(gate(1, u), h)));
    const next = Int8Array.from(state, (h, u) => {
      const recurrent = layer.linearBeforeReset ? product15(gate(1, u), c(2, u)) : c(2, u, kept);
      const candidate = tanh16(within16(a(2, u) + recurrent));
      state[u] = candidate + product15(gate(0, u), h - candidate);
      return upperByte(state[u]!);
    });
    states.set(next, t * units);
    held = next;
  }
  return states;
}
