/** @file gemm in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const gemmReference: Reference = ([a, b, c], { transA, transB, beta = 1 }, { shape }) => {
  const inner = a!.shape[transA ? 0 : 1]!;
  return build(shape, (index) => {
    const [row, column] = index;
    let sum = c === undefined ? 0 : (beta as number) * at(c, index);
    for (let k = 0; k < inner; k++)
      sum += at(a!, transA ? [k, row!] : [row!, k]) * at(b!, transB ? [column!, k] : [k, column!]);
    return sum;
  });
};
