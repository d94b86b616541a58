/** @file transpose in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const transposeReference: Reference = ([x], attrs, { shape }) => {
  const perm = attrs.perm as readonly number[]; // as the operator puts it there
  return build(shape, (index) => {
    const source = new Array<number>(perm.length);
    for (const [to, from] of perm.entries()) source[from] = index[to]!;
    return at(x!, source);
  });
};
