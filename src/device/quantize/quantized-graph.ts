/**
 * @file An integer network as plain data: int8 tensors, int8 weights, int32 biases, and the real
 * multipliers between their scales. What the integer reference runs and the targets write out.
 */

import type { Shape } from "../../engine/tensor/index.ts";

/** real = scale · (q − zeroPoint) */
export interface Quantization {
  /** a float32 number above 0 */
  readonly scale: number;
  /** integer in [−128, 127] */
  readonly zeroPoint: number;
}

/**
 * A tensor between layers, of one sample: [features], [channels, height, width], or a sequence [1,
 * positions, features], row-major.
 */
export interface QuantizedTensor extends Quantization {
  readonly name: string;
  readonly shape: Shape;
  /** int8, but for the index that argMax gives */
  readonly dtype: "int8" | "int32";
}

/** Both included, integers in [−128, 127]. */
export interface ClampRange {
  readonly min: number;
  readonly max: number;
}

/** A sliding window over [height, width]. Padding counts as the real number 0. */
export interface QuantizedWindow {
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [vertical: number, horizontal: number];
  /** [top, left, bottom, right] */
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
  readonly dilations: readonly [vertical: number, horizontal: number];
}

/** What layers with weights have. */
export interface WeightedParts {
  /** symmetric: real = weightScales[c] · q, q in [−127, 127] */
  readonly weights: Int8Array;
  /** one per output channel, or one for all */
  readonly weightScales: Float32Array;
  /** real = inputScale · weightScales[c] · q; one per output channel */
  readonly bias: Int32Array;
  /** inputScale · weightScales[c] / outputScale; as many as weightScales */
  readonly multipliers: Float64Array;
  readonly clamp: ClampRange;
}

interface LayerPlace {
  /** the layer's path, for messages and comments */
  readonly name: string;
  /** positions in `tensors` */
  readonly inputs: readonly number[];
  readonly output: number;
}

/** weights [out, in] */
export interface DenseLayer extends LayerPlace, WeightedParts {
  readonly kind: "dense";
}

/** weights [out, in, kernelHeight, kernelWidth] */
export interface Conv2dLayer extends LayerPlace, WeightedParts, QuantizedWindow {
  readonly kind: "conv2d";
}

/** weights [out, kernelHeight, kernelWidth]; output channel o sees input o / (out / in) only */
export interface DepthwiseConv2dLayer extends LayerPlace, WeightedParts, QuantizedWindow {
  readonly kind: "depthwiseConv2d";
}

/** Same scale and zero point in and out. The mean is over the elements inside the image. */
export interface PoolLayer extends LayerPlace, QuantizedWindow {
  readonly kind: "averagePool" | "maxPool";
  readonly clamp: ClampRange;
}

export interface AddLayer extends LayerPlace {
  readonly kind: "add";
  readonly clamp: ClampRange;
}

/** Joins channels (axis 0). Same scale and zero point everywhere. */
export interface ConcatLayer extends LayerPlace {
  readonly kind: "concat";
}

/** The same elements in row-major order; same scale and zero point. */
export interface ReshapeLayer extends LayerPlace {
  readonly kind: "reshape";
}

/** [1, rows, columns] → [1, columns, rows]; same scale and zero point. */
export interface SwapAxesLayer extends LayerPlace {
  readonly kind: "swapAxes";
}

/** Some positions of a sequence; same scale and zero point. */
export interface SliceLayer extends LayerPlace {
  readonly kind: "slice";
  /** the first element, row-major */
  readonly start: number;
}

/** Rows of a recurrent unit's three gates: update, reset, candidate. */
export interface GateWeights {
  /** [3 · units, in], symmetric: real = weightScales[row] · q */
  readonly weights: Int8Array;
  readonly weightScales: Float32Array;
  /** real = inputScale · weightScales[row] · q */
  readonly bias: Int32Array;
  /** inputScale · weightScales[row] · 2¹² */
  readonly multipliers: Float64Array;
}

/** A gated recurrent unit over all positions; states have scale 1/128 and zero point 0. */
export interface GruLayer extends LayerPlace {
  readonly kind: "gru";
  readonly fromInput: GateWeights;
  readonly fromState: GateWeights;
  /** the reset gate multiplies the candidate's recurrent product (true), or the state before it */
  readonly linearBeforeReset: boolean;
}

/** Another scale, or the same one and a clamp: a relu that stands alone. */
export interface RequantizeLayer extends LayerPlace {
  readonly kind: "requantize";
  readonly multiplier: number;
  readonly clamp: ClampRange;
}

/** Any function of one element: output = table[q + 128]. */
export interface LookupLayer extends LayerPlace {
  readonly kind: "lookup";
  readonly table: Int8Array;
}

/** Over all elements; output scale 1/256, zero point −128. */
export interface SoftmaxLayer extends LayerPlace {
  readonly kind: "softmax";
}

/** The first largest element's index, int32 [1]. */
export interface ArgMaxLayer extends LayerPlace {
  readonly kind: "argMax";
}

export type QuantizedLayer =
  | DenseLayer
  | Conv2dLayer
  | DepthwiseConv2dLayer
  | PoolLayer
  | AddLayer
  | ConcatLayer
  | ReshapeLayer
  | SwapAxesLayer
  | SliceLayer
  | GruLayer
  | RequantizeLayer
  | LookupLayer
  | SoftmaxLayer
  | ArgMaxLayer;

export type LayerKind = QuantizedLayer["kind"];
export type WeightedLayer = DenseLayer | Conv2dLayer | DepthwiseConv2dLayer;

/** How a stored sample becomes the network's real input: x · scale + offset. */
export interface SampleEncoding {
  readonly dtype: "uint8" | "float32";
  readonly scale: number;
  readonly offset: number;
}

export interface QuantizedGraph {
  readonly name: string;
  readonly sample: SampleEncoding;
  readonly tensors: readonly QuantizedTensor[];
  /** each after those that make its inputs */
  readonly layers: readonly QuantizedLayer[];
  readonly input: number;
  readonly output: number;
  /** of samples as stored, where that is not the input tensor's shape: [positions, features] */
  readonly sampleShape?: Shape;
}
