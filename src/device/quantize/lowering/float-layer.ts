/** @file Layers before their numbers are known: float weights, and which values need a range. */

import type { Value } from "../../../engine/graph/index.ts";
import type { QuantizedWindow, SampleEncoding } from "../quantized-graph.ts";

/** Real limits of a fused activation; infinite ones do not bind. */
export interface Limits {
  readonly min: number;
  readonly max: number;
}

export const noLimits: Limits = { min: -Infinity, max: Infinity };

interface Place {
  readonly inputs: readonly Value[];
  readonly output: Value;
}

/** weights as in QuantizedGraph: [out, in], [out, in, height, width], [out, height, width] */
export interface FloatWeighted extends Place {
  readonly kind: "dense" | "conv2d" | "depthwiseConv2d";
  readonly weights: Float32Array;
  /** one per output channel */
  readonly bias: Float32Array;
  readonly limits: Limits;
  /** absent for dense layers */
  readonly window?: QuantizedWindow;
}

interface FloatPool extends Place {
  readonly kind: "averagePool" | "maxPool";
  readonly window: QuantizedWindow;
}

interface FloatAdd extends Place {
  readonly kind: "add";
  readonly limits: Limits;
}

interface FloatRequantize extends Place {
  readonly kind: "requantize";
  readonly limits: Limits;
}

export interface FloatLookup extends Place {
  readonly kind: "lookup";
  readonly apply: (x: number) => number;
}

interface FloatSlice extends Place {
  readonly kind: "slice";
  readonly start: number;
}

/** gates in gruSequence's order: update, reset, candidate */
export interface FloatGru extends Place {
  readonly kind: "gru";
  /** [3 · units, features] */
  readonly kernel: Float32Array;
  /** [3 · units, units] */
  readonly recurrentKernel: Float32Array;
  /** [6 · units] */
  readonly bias: Float32Array;
  readonly linearBeforeReset: boolean;
}

interface FloatPlain extends Place {
  readonly kind: "concat" | "reshape" | "swapAxes" | "softmax" | "argMax";
}

export type FloatLayer =
  | FloatWeighted
  | FloatPool
  | FloatAdd
  | FloatRequantize
  | FloatLookup
  | FloatSlice
  | FloatGru
  | FloatPlain;

/** A network as layers, ready for ranges. */
export interface FloatPlan {
  readonly name: string;
  /** the graph's placeholder, as samples are stored */
  readonly placeholder: Value;
  /** the network's real input, after preprocessing */
  readonly input: Value;
  readonly sample: SampleEncoding;
  readonly layers: readonly FloatLayer[];
  readonly output: Value;
}
