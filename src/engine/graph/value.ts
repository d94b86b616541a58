/**
 * @file Values: the nodes of a graph. Immutable plain data, built from the leaves up, so a graph
 * cannot have a cycle.
 */

import type { DType, Shape, Tensor } from "../tensor/index.ts";

export type AttrValue = number | string | boolean | readonly number[] | Tensor;
export type Attrs = Readonly<Record<string, AttrValue>>;

/**
 * The dtype and shape of a tensor that does not exist yet. Shapes are static: every size is known
 * while the graph is built.
 */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** One tensor in a graph: the result of `op` on `inputs`. */
export interface Value extends TensorType {
  /** operator name in camelCase, or "input" or "constant" */
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  /** name of an input or of a labelled value; "" otherwise */
  readonly name: string;
  /** the layer path that made it ("student/hidden1"); "" if unknown */
  readonly origin: string;
}

/** @returns a placeholder that is fed when the graph runs */
export function input(name: string, dtype: DType, shape: Shape): Value {
  return Object.freeze({ op: "input", inputs: [], attrs: {}, dtype, shape, name, origin: "" });
}

/** @returns a value fixed while the graph is built */
export function constant(value: Tensor, name = ""): Value {
  return Object.freeze({
    op: "constant",
    inputs: [],
    attrs: { value },
    dtype: value.dtype,
    shape: value.shape,
    name,
    origin: "",
  });
}

/** @returns a node; called by operators after they have checked everything */
export function makeNode(
  op: string,
  inputs: readonly Value[],
  attrs: Attrs,
  type: TensorType,
): Value {
  const origin = inputs.find((value) => value.origin !== "")?.origin ?? "";
  const { dtype, shape } = type;
  return Object.freeze({ op, inputs, attrs, dtype, shape, name: "", origin });
}

/** @returns the same value carrying a layer path, which error messages and prints then name */
export function withOrigin(value: Value, origin: string): Value {
  return Object.freeze({ ...value, origin });
}
