/**
 * @file What layers compute, written again from their formulas: plain float64 loops over one sample
 * that share nothing with the operators or their references.
 */

import type { LayerBuilder } from "../../src/engine/nn/index.ts";
import type { Shape } from "../../src/engine/tensor/index.ts";

/** Row-major numbers with a shape; of one sample, without the batch axis. */
export interface Grid {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** A layer's parameter by its short name. */
export type Parameters = (name: string) => Grid;

/** @param isReal which positions the mask leaves, of layers that take one */
export type Formula = (
  x: Grid,
  parameter: Parameters,
  isReal: (position: number) => boolean,
) => Grid;

export interface LayerSample {
  /** starts with the layer's function */
  readonly name: string;
  readonly layer: LayerBuilder;
  readonly inputShape: Shape;
  readonly formula: Formula;
  /** whole numbers below this as samples */
  readonly tokens?: number;
  /** of two samples, which positions are real */
  readonly mask?: readonly (readonly number[])[];
  /** why a training computes something else, which other tests check */
  readonly inferenceOnly?: string;
  /** constants in the graph that float32 rounds, 6e-8 each; else float64 to its last digits */
  readonly rounds?: boolean;
}

function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

function sum(count: number, term: (i: number) => number): number {
  return Array.from({ length: count }, (_, i) => term(i)).reduce((total, each) => total + each, 0);
}

/** @returns the grid whose element at each index is `element(...index)` */
export function grid(shape: Shape, element: (...index: number[]) => number): Grid {
  return { shape, data: indices(shape).map((index) => element(...index)) };
}

/** @returns the element, or 0 outside the grid, as convolutions pad */
export function at({ shape, data }: Grid, ...index: readonly number[]): number {
  if (index.some((i, axis) => i < 0 || i >= shape[axis]!)) return 0;
  return data[index.reduce((position, i, axis) => position * shape[axis]! + i, 0)]!;
}

export function map({ shape, data }: Grid, f: (x: number) => number): Grid {
  return { shape, data: data.map(f) };
}

export function plus(a: Grid, b: Grid): Grid {
  return { shape: a.shape, data: a.data.map((x, i) => x + b.data[i]!) };
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Φ by the series of erf: for arguments of a few units */
export function normalDistribution(x: number): number {
  const z = x / Math.SQRT2;
  let term = z;
  let series = z;
  for (let n = 1; n < 80; n++) {
    term *= (-z * z) / n;
    series += term / (2 * n + 1);
  }
  return 0.5 + series / Math.sqrt(Math.PI);
}

/** [positions, features] · [features, units] + [units]; a row alone without its axis */
export function product(x: Grid, kernel: Grid, bias?: Grid): Grid {
  const [features, units] = kernel.shape as readonly [number, number];
  const shape = [...x.shape.slice(0, -1), units];
  return grid(shape, (...index) => {
    const [before, unit] = [index.slice(0, -1), index.at(-1)!];
    const dot = sum(features, (f) => at(x, ...before, f) * at(kernel, f, unit));
    return dot + (bias === undefined ? 0 : at(bias, unit));
  });
}

export interface Window {
  readonly strides: readonly [number, number];
  /** zeros above and to the left */
  readonly before: readonly [number, number];
  /** height and width of the result */
  readonly size: readonly [number, number];
  readonly dilation?: number;
  readonly groups?: number;
}

/** [in, height, width] by a kernel [out, in / groups, kernelHeight, kernelWidth] */
export function convolution(x: Grid, kernel: Grid, bias: Grid | undefined, window: Window): Grid {
  const { strides, before, size, dilation = 1, groups = 1 } = window;
  const [outputs, perGroup, height, width] = kernel.shape as readonly [
    number,
    number,
    number,
    number,
  ];
  return grid([outputs, ...size], (o, i, j) => {
    const first = Math.floor(o / (outputs / groups)) * perGroup;
    const window = sum(perGroup, (c) =>
      sum(height, (a) =>
        sum(width, (b) => {
          const row = i * strides[0] + a * dilation - before[0];
          const column = j * strides[1] + b * dilation - before[1];
          return at(x, first + c, row, column) * at(kernel, o, c, a, b);
        }),
      ),
    );
    return window + (bias === undefined ? 0 : at(bias, o));
  });
}

/** Every input element throws its kernel [in, out, kernelHeight, kernelWidth] onto the result. */
export function transposedConvolution(
  x: Grid,
  kernel: Grid,
  bias: Grid | undefined,
  { strides, before, size }: Window,
): Grid {
  const outputs = kernel.shape[1]!;
  const data = grid([outputs, ...size], (o) => (bias === undefined ? 0 : at(bias, o))).data.slice();
  for (const [c, i, j] of indices(x.shape) as [number, number, number][])
    for (const [o, a, b] of indices(kernel.shape.slice(1)) as [number, number, number][]) {
      const [row, column] = [i * strides[0] + a - before[0], j * strides[1] + b - before[1]];
      if (row < 0 || row >= size[0] || column < 0 || column >= size[1]) continue;
      const place = (o * size[0] + row) * size[1] + column;
      data[place] = data[place]! + at(x, c, i, j) * at(kernel, c, o, a, b);
    }
  return { shape: [outputs, ...size], data };
}

/**
 * (x − mean) / √(variance + ε) over the elements of one group, scaled and moved.
 *
 * @param groupOf which group an index belongs to
 * @param unitOf which element of scale and offset it has
 */
export function normalized(
  x: Grid,
  parameter: Parameters,
  epsilon: number,
  groupOf: (...index: number[]) => number,
  unitOf: (...index: number[]) => number,
): Grid {
  const places = indices(x.shape);
  return grid(x.shape, (...index) => {
    const members = places.filter((other) => groupOf(...other) === groupOf(...index));
    const mean = sum(members.length, (m) => at(x, ...members[m]!)) / members.length;
    const variance = sum(members.length, (m) => (at(x, ...members[m]!) - mean) ** 2);
    const deviation = Math.sqrt(variance / members.length + epsilon);
    const unit = unitOf(...index);
    const scaled = ((at(x, ...index) - mean) / deviation) * at(parameter("scale"), unit);
    return scaled + at(parameter("offset"), unit);
  });
}

/** States [positions, units] of one level; `before`: the reset gate multiplies the product. */
export function gruStates(
  x: Grid,
  parameter: Parameters,
  { level, before }: { readonly level: number; readonly before: boolean },
): Grid {
  const own = (name: string): Grid => parameter(`level${level}/${name}`);
  const units = own("updateBias").shape[0]!;
  let state = grid([units], () => 0);
  const rows = Array.from({ length: x.shape[0]! }, (_, t) => {
    const step = grid([x.shape[1]!], (f) => at(x, t, f));
    const input = (gate: string): Grid => product(step, own(`${gate}Kernel`), own(`${gate}Bias`));
    const back = (of: Grid, gate: string, bias?: Grid): Grid =>
      product(of, own(`${gate}RecurrentKernel`), bias);
    const gate = (name: string): Grid => map(plus(input(name), back(state, name)), sigmoid);
    const [reset, update] = [gate("reset"), gate("update")];
    const scaled = (by: Grid): Grid => grid([units], (u) => at(reset, u) * at(by, u));
    const recurrent = before
      ? scaled(back(state, "candidate", own("candidateRecurrentBias")))
      : back(scaled(state), "candidate");
    const candidate = map(plus(input("candidate"), recurrent), Math.tanh);
    const last = state;
    state = grid([units], (u) => {
      const kept = at(update, u);
      return (1 - kept) * at(candidate, u) + kept * at(last, u);
    });
    return state;
  });
  return grid([rows.length, units], (t, u) => at(rows[t]!, u));
}

/** @param sees whether one position looks at another */
export function attention(
  x: Grid,
  parameter: Parameters,
  heads: number,
  sees: (from: number, to: number) => boolean,
): Grid {
  const [positions, width] = x.shape as readonly [number, number];
  const by = (rows: Grid, name: string): Grid =>
    product(rows, parameter(`${name}Kernel`), parameter(`${name}Bias`));
  const [query, key, value] = ["query", "key", "value"].map((name) => by(x, name));
  const each = width / heads;
  const joined = grid([positions, width], (p, w) => {
    const start = Math.floor(w / each) * each;
    const weights = Array.from({ length: positions }, (_, q) => {
      const dot = sum(each, (i) => at(query!, p, start + i) * at(key!, q, start + i));
      return sees(p, q) ? Math.exp(dot / Math.sqrt(each)) : 0;
    });
    const total = sum(positions, (q) => weights[q]!);
    return sum(positions, (q) => weights[q]! * at(value!, q, w)) / total;
  });
  return by(joined, "output");
}

export interface Frames {
  readonly frameLength: number;
  readonly hop: number;
  readonly fftSize: number;
}

/** [samples] → [1, frames, mels]. @param filters [mels, bins] */
export function logMelImage(x: Grid, filters: Grid, floor: number, options: Frames): Grid {
  const { frameLength, hop, fftSize } = options;
  const frames = Math.floor((x.shape[0]! - frameLength) / hop) + 1;
  const [mels, bins] = filters.shape as readonly [number, number];
  const power = grid([frames, bins], (frame, bin) => {
    const part = (wave: (angle: number) => number): number =>
      sum(frameLength, (t) => {
        const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / frameLength);
        return hann * at(x, frame * hop + t) * wave((2 * Math.PI * bin * t) / fftSize);
      });
    return part(Math.cos) ** 2 + part(Math.sin) ** 2;
  });
  return grid([1, frames, mels], (_, frame, mel) =>
    Math.log(floor + sum(bins, (bin) => at(filters, mel, bin) * at(power, frame, bin))),
  );
}
