/**
 * @file A gated recurrent unit as its integer form computes it, spelled out over its steps, with
 * derivatives that pass straight through the roundings.
 */

import type { Value } from "../../../engine/graph/index.ts";
import {
  add,
  clip,
  concat,
  fakeQuantize,
  gemm,
  matMul,
  mul,
  reshape,
  sigmoid,
  slice,
  sub,
  tanh,
  transpose,
  where,
} from "../../../engine/ops/index.ts";
import { refusal } from "../lowering/lowering.ts";
import { gateBits, stateQuantization } from "../reference/gru.ts";
import { onWeightGrid } from "./grid.ts";

interface GruGridOptions {
  /** of weights */
  readonly bits: number;
  /** bool []: false while training is still in float; absent: quantised throughout */
  readonly active: Value | undefined;
}

const gateStep = 2 ** -gateBits;
/** Gates' sums are kept in 16 bits; the candidate's is doubled on its way to tanh. */
const gateLimits = { min: -32_767, max: 32_767 } as const;
const candidateLimits = { min: -16_383, max: 16_383 } as const;

/**
 * For each step, with Q the grid of gates (12 fraction bits in 16) and h₈ the state's upper byte:
 *
 *   a = Q(x W + b)   c = Q(h₈ R + d)   rows of W and R on their own grids
 *   z, r = σ(a + c)  n = tanh(Q(aₙ + r · cₙ))  h' = n + z · (h − n)   h₈' = Q₈(h')
 *
 * The sigmoid's table and the state's 15 fraction bits are not modelled: they are 256 times finer
 * than h₈.
 *
 * @param sequence a gruSequence. @param inputs its operands as they are by now: x [time, batch,
 *   features] on its grid
 * @returns float32 [time, batch, units], states on the grid of 1 / 128
 * @throws QuantizeError "quantize/unsupported" for the kind whose reset gate comes first
 */
export function gruOnGrid(
  sequence: Value,
  [x, kernel, recurrentKernel, bias]: readonly Value[],
  { bits, active }: GruGridOptions,
): Value {
  if (sequence.attrs.linearBeforeReset !== true)
    throw refusal(
      sequence,
      "a recurrent unit trains on its grid with its reset gate behind the recurrent product",
      "linearBeforeReset: false",
      "Set linearBeforeReset, or train in float and calibrate",
    );
  const [time, batch, units] = sequence.shape as readonly [number, number, number]; // its type
  const rows = 3 * units;
  const quantized = (value: Value, onGrid: Value): Value =>
    active === undefined ? onGrid : where(active, onGrid, value);
  const gate = (value: Value, limits: typeof gateLimits | typeof candidateLimits): Value =>
    quantized(value, fakeQuantize(value, gateStep, 0, limits));
  const weights = (value: Value): Value => quantized(value, onWeightGrid(value, [1], bits));
  const biases = (from: number): Value =>
    slice(bias!, { starts: [from], ends: [from + rows], axes: [0] });
  // the batch comes first, so that exported files may have another
  const samples = transpose(x!, [1, 0, 2]); // [batch, time, features]
  const product = matMul(samples, transpose(weights(kernel!))); // [batch, time, 3 · units]
  const fromInput = gate(add(product, biases(0)), gateLimits);
  const recurrent = weights(recurrentKernel!);
  let state: Value | undefined;
  let held: Value | undefined;
  const states = Array.from({ length: time }, (_, t) => {
    const now = slice(fromInput, { starts: [t], ends: [t + 1], axes: [1] });
    const sum =
      held === undefined
        ? biases(rows) // of a state of zeros: [3 · units]
        : gemm(held, recurrent, { c: biases(rows), transB: true });
    const a = reshape(now, [batch, rows]);
    state = nextState({ a, c: gate(sum, gateLimits), state, units, gate });
    const { scale } = stateQuantization;
    held = quantized(state, fakeQuantize(state, scale, 0, { min: -128, max: 127 }));
    return reshape(held, [batch, 1, units]);
  });
  return transpose(concat(states, 1), [1, 0, 2]); // [time, batch, units]
}

interface Step {
  /** update, reset, candidate of the input: [batch, 3 · units] */
  readonly a: Value;
  /** the same of the state; [3 · units] before the first step */
  readonly c: Value;
  /** undefined before the first step: zeros */
  readonly state: Value | undefined;
  readonly units: number;
  readonly gate: (value: Value, limits: typeof candidateLimits) => Value;
}

function nextState({ a, c, state, units, gate }: Step): Value {
  const part = (value: Value, from: number, to: number): Value =>
    slice(value, { starts: [from * units], ends: [to * units], axes: [value.shape.length - 1] });
  const widest = gateLimits.max * gateStep;
  const sum = clip(add(part(a, 0, 2), part(c, 0, 2)), -widest, widest);
  const gates = sigmoid(sum); // [batch, 2 · units]
  const [update, reset] = [part(gates, 0, 1), part(gates, 1, 2)];
  const inner = add(part(a, 2, 3), mul(reset, part(c, 2, 3)));
  const candidate = tanh(gate(inner, candidateLimits));
  return state === undefined
    ? sub(candidate, mul(update, candidate))
    : add(candidate, mul(update, sub(state, candidate)));
}
