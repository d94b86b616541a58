/** @file matMul in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const matMulReference: Reference = ([a, b], _attrs, { shape }) => {
  const inner = a!.shape.at(-1)!;
  return build(shape, (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += at(a!, [...batch, row!, k]) * at(b!, [...batch, k, column!]);
    return sum;
  });
};
