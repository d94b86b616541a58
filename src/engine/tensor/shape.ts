/** @file Shapes: sizes of axes, outermost first. [] is a scalar. */

import { ShapeError } from "../../errors/index.ts";

export type Shape = readonly number[];

/** @returns the number of elements; 1 for a scalar */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Prints a shape as people write it: `[32, 10]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** @returns row-major strides in elements */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/**
 * NumPy's and ONNX's broadcasting: align at the last axis; sizes must be equal or 1.
 *
 * @throws ShapeError "shape/broadcast"
 */
export function broadcastShape(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new ShapeError("shape/broadcast", {
        where,
        rule: "shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1)",
        got: `${showShape(a)} and ${showShape(b)}`,
        fix: "Reshape one of them, or insert axes of size 1",
        details: { shapes: [a, b] },
      });
    return left === 1 ? right : left;
  });
}

/**
 * Turns an axis that may count from the end (-1 = last) into 0 … rank-1.
 *
 * @throws ShapeError "shape/axis"
 */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank)
    throw new ShapeError("shape/axis", {
      where,
      rule: `axis must be an integer in ${-rank} … ${rank - 1} for a tensor of rank ${rank}`,
      got: String(axis),
      fix: "Name an existing axis",
      details: { axis, rank },
    });
  return normal;
}
