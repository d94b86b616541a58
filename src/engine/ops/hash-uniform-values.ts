/** @file The numbers that hashUniform gives, worked out on the host: exact, like the operator. */

import { lowbias32, streamStep } from "./hash-uniform.ts";

function mix(word: number): number {
  const [first, second, third] = lowbias32.shifts;
  const [a, b] = lowbias32.multipliers;
  let h = Math.imul(word ^ (word >>> first), a);
  h = Math.imul(h ^ (h >>> second), b);
  return h ^ (h >>> third);
}

/**
 * @param seed, stream as the operator's; @param into any length; element i gets y[i]
 * @returns `into`
 */
export function hashUniformValues<A extends Float32Array | Float64Array>(
  seed: number,
  stream: number,
  into: A,
): A {
  const key = mix(seed ^ Math.imul(stream, streamStep));
  for (let i = 0; i < into.length; i++) into[i] = (mix(mix(i) ^ key) >>> 8) / 2 ** 24;
  return into;
}
