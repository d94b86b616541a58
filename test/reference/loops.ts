/**
 * @file The form of a float64 reference, plain loops that are obviously right, and the loops that
 * references share: every index of a shape, and operands read with broadcasting.
 */

import type { Attrs, TensorType } from "../../src/engine/graph/index.ts";
import { elementCount, type Shape, stridesOf } from "../../src/engine/tensor/index.ts";

/**
 * Every element is a float64, whatever the dtype in the graph: booleans are 0 or 1, integers are
 * whole.
 */
export interface ReferenceTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * @param inputs the operands; @param attrs the node's attributes; @param output dtype and shape
 *   that `infer` promised
 */
export type Reference = (
  inputs: readonly ReferenceTensor[],
  attrs: Attrs,
  output: TensorType,
) => ReferenceTensor;

/** Calls `visit` for every index of `shape` in row-major order; `index` is reused between calls. */
export function forEachIndex(
  shape: Shape,
  visit: (index: readonly number[], position: number) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  const count = elementCount(shape);
  for (let position = 0; position < count; position++) {
    visit(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/**
 * @returns the element of `x` at `index`, which may have leading axes more; axes of size 1 repeat
 */
export function at(x: ReferenceTensor, index: readonly number[]): number {
  const strides = stridesOf(x.shape);
  const offset = index.length - x.shape.length;
  let position = 0;
  for (const [axis, size] of x.shape.entries())
    if (size !== 1) position += index[axis + offset]! * strides[axis]!;
  return x.data[position]!;
}

/** @returns the tensor whose element at each index is `element(index)` */
export function build(
  shape: Shape,
  element: (index: readonly number[], position: number) => number,
): ReferenceTensor {
  const data = new Float64Array(elementCount(shape));
  forEachIndex(shape, (index, position) => {
    data[position] = element(index, position);
  });
  return { shape, data };
}

/** @returns a reference that applies `f` to the operands' elements after broadcasting */
export function elementwiseReference(f: (...elements: number[]) => number): Reference {
  return (inputs, _attrs, output) =>
    build(output.shape, (index) => f(...inputs.map((x) => at(x, index))));
}

/**
 * @returns a reference that applies `f` to the elements that each result element is reduced from
 */
export function reduceReference(f: (elements: readonly number[]) => number): Reference {
  return ([x], attrs, output) => {
    const axes = attrs.axes as readonly number[]; // reductions keep their axes there
    const groups = Array.from({ length: elementCount(output.shape) }, (): number[] => []);
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const strides = stridesOf(kept);
    forEachIndex(x!.shape, (index, position) => {
      const group = index.reduce(
        (sum, i, axis) => (axes.includes(axis) ? sum : sum + i * strides[axis]!),
        0,
      );
      groups[group]!.push(x!.data[position]!);
    });
    return { shape: output.shape, data: Float64Array.from(groups, f) };
  };
}

/**
 * @returns a reference that maps each line of `x` along the attribute `axis` to a line of the same
 *   length
 */
export function lineReference(f: (line: readonly number[]) => readonly number[]): Reference {
  return ([x], attrs) => {
    const axis = attrs.axis as number; // as operators along an axis put it there
    const size = x!.shape[axis]!;
    const inner = stridesOf(x!.shape)[axis]!;
    const data = new Float64Array(x!.data.length);
    forEachIndex(x!.shape, (index, start) => {
      if (index[axis] !== 0) return;
      const line = Array.from({ length: size }, (_, i) => x!.data[start + i * inner]!);
      for (const [i, element] of f(line).entries()) data[start + i * inner] = element;
    });
    return { shape: x!.shape, data };
  };
}
