/**
 * @file hashUniform in plain 32-bit arithmetic; the results are exact in float32 and float64 alike.
 */

import { elementCount } from "../tensor/index.ts";
import { lowbias32, streamStep } from "./hash-uniform.ts";
import type { Reference } from "./reference.ts";

function mix(word: number): number {
  const [first, second, third] = lowbias32.shifts;
  const [a, b] = lowbias32.multipliers;
  let h = Math.imul(word ^ (word >>> first), a);
  h = Math.imul(h ^ (h >>> second), b);
  return h ^ (h >>> third);
}

export const hashUniformReference: Reference = ([seed], attrs, { shape }) => {
  const stream = attrs.stream as number; // as the operator puts it there
  const key = mix(seed!.data[0]! ^ Math.imul(stream, streamStep));
  const data = new Float64Array(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = (mix(mix(i) ^ key) >>> 8) / 2 ** 24;
  return { shape, data };
};
