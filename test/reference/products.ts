/** @file Float64 references of matrix products and the GRU. */

import { elementCount } from "../../src/engine/tensor/index.ts";
import { at, build, type Reference } from "./loops.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const products = {
  gemm: ([a, b, c], { transA, transB, beta = 1 }, { shape }) => {
    const inner = a!.shape[transA ? 0 : 1]!;
    return build(shape, (index) => {
      const [row, column] = index;
      let sum = c === undefined ? 0 : (beta as number) * at(c, index);
      for (let k = 0; k < inner; k++)
        sum +=
          at(a!, transA ? [k, row!] : [row!, k]) * at(b!, transB ? [column!, k] : [k, column!]);
      return sum;
    });
  },
  gruSequence: ([x, w, r, b], attrs, { shape }) => {
    const [time, batch, units] = shape as readonly [number, number, number]; // infer's
    const features = x!.shape[2]!;
    const data = new Float64Array(elementCount(shape));
    const [update, reset, candidate] = [0, 1, 2] as const;
    const dot = (row: number, from: Float64Array, state: readonly number[]): number =>
      state.reduce((sum, value, i) => sum + from[row * state.length + i]! * value, 0);
    for (let n = 0; n < batch; n++) {
      let state = new Array<number>(units).fill(0);
      for (let t = 0; t < time; t++) {
        const start = (t * batch + n) * features;
        const now = Array.from(x!.data.subarray(start, start + features));
        const fromInput = (gate: number, u: number): number =>
          dot(gate * units + u, w!.data, now) + b!.data[gate * units + u]!;
        const fromState = (gate: number, u: number, of: readonly number[]): number =>
          dot(gate * units + u, r!.data, of) + b!.data[(3 + gate) * units + u]!;
        const gateOf = (gate: number): number[] =>
          state.map((_, u) => sigmoid(fromInput(gate, u) + fromState(gate, u, state)));
        const [z, resets] = [gateOf(update), gateOf(reset)];
        const kept = state.map((value, u) => resets[u]! * value);
        state = state.map((value, u) => {
          const recurrent =
            attrs.linearBeforeReset === true
              ? resets[u]! * fromState(candidate, u, state)
              : fromState(candidate, u, kept);
          const next = Math.tanh(fromInput(candidate, u) + recurrent);
          return (1 - z[u]!) * next + z[u]! * value;
        });
        data.set(state, (t * batch + n) * units);
      }
    }
    return { shape, data };
  },
  matMul: ([a, b], _attrs, { shape }) => {
    const inner = a!.shape.at(-1)!;
    return build(shape, (index) => {
      const batch = index.slice(0, -2);
      const [row, column] = index.slice(-2);
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += at(a!, [...batch, row!, k]) * at(b!, [...batch, k, column!]);
      return sum;
    });
  },
} satisfies Record<string, Reference>;
