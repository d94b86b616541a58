/** @file What operators see of the ONNX writer while they emit themselves. */

import type { Tensor } from "../tensor/index.ts";

export type OnnxAttr = number | bigint | string | readonly number[] | readonly bigint[];

/**
 * ONNX attribute values: a `bigint` is an INT, a `number` a FLOAT, a string a STRING; arrays
 * likewise (INTS, FLOATS). Names returned are ONNX value names.
 */
export interface Emit {
  /**
   * emits a node with one output and returns its name; "" stands for an absent optional input
   *
   * @param domain operator set; default "", the standard one
   */
  readonly node: (
    type: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, OnnxAttr>>,
    domain?: string,
  ) => string;
  /** emits a node with several outputs */
  readonly nodes: (
    type: string,
    inputs: readonly string[],
    outputs: number,
    attrs?: Readonly<Record<string, OnnxAttr>>,
    domain?: string,
  ) => readonly string[];
  /** an initializer; equal tensors share one */
  readonly constant: (value: Tensor) => string;
  /** a 1-D int64 initializer: axes, shapes, pads */
  readonly int64: (values: readonly number[]) => string;
}

/**
 * Emits a reshape to exactly `shape`, in which 0 means an empty axis. @returns the name of the
 * result
 */
export function emitReshape(emit: Emit, name: string, shape: readonly number[]): string {
  const attrs: Record<string, OnnxAttr> = shape.includes(0) ? { allowzero: 1n } : {};
  return emit.node("Reshape", [name, emit.int64(shape)], attrs);
}

/** @returns sizes or axes as the INTS attribute that ONNX wants */
export function ints(values: readonly number[]): readonly bigint[] {
  return values.map(BigInt);
}
