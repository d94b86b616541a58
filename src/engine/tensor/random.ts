/**
 * @file Randomness as a function of (seed, what it is for, indices), so that nothing needs to be
 * saved to resume exactly.
 *
 * A stream's generator is xoroshiro128+ (pure-rand), started from a 32-bit mix of its key.
 */

import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Numbers drawn one after another from one key. */
export interface RandomStream {
  /** uniform in [0, 1), 32 bits */
  readonly uniform: () => number;
  /** integer uniform in [0, bound), unbiased */
  readonly integer: (bound: number) => number;
  /** standard normal (Box–Muller) */
  readonly normal: () => number;
}

/** A key part: a number (seed, epoch, index) or the name of the purpose ("shuffle", "init"). */
export type KeyPart = number | string;

/**
 * Mixes key parts to 32 bits (murmur3's finaliser over each part). The same parts always give the
 * same bits.
 */
export function mixKey(...parts: readonly KeyPart[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    if (typeof part === "number") {
      hash = mix(hash, part >>> 0);
      hash = mix(hash, Math.floor(part / 2 ** 32) >>> 0);
    } else for (let i = 0; i < part.length; i++) hash = mix(hash, part.charCodeAt(i) + 0x10000);
  }
  return hash >>> 0;
}

function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x85ebca6b) + 0x9e3779b9;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** @returns the stream of this key, at its start */
export function randomStream(...key: readonly KeyPart[]): RandomStream {
  const generator = xoroshiro128plus(mixKey(...key) | 0);
  const uniform = (): number => (generator.next() >>> 0) / 2 ** 32;
  const integer = (bound: number): number => {
    const limit = Math.floor(2 ** 32 / bound) * bound;
    for (;;) {
      const word = generator.next() >>> 0;
      if (word < limit) return word % bound;
    }
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, integer, normal };
}

/** @returns a permutation of 0 … count-1 (Fisher–Yates) that is a function of the key alone */
export function permutation(count: number, ...key: readonly KeyPart[]): Int32Array {
  const stream = randomStream(...key);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = stream.integer(last + 1);
    const swapped = order[last]!;
    order[last] = order[other]!;
    order[other] = swapped;
  }
  return order;
}
