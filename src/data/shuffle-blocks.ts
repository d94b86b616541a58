/**
 * @file Shuffling that a bounded cache can follow: blocks in random order, samples within a
 * window.
 */

import { permutation } from "../engine/tensor/index.ts";

/** Samples that are read together, and how many such blocks are mixed at a time. */
export interface ShuffleBlocks {
  /** int32, increasing, the first 0: number of each block's first sample */
  readonly starts: Int32Array;
  /** blocks whose samples are mixed with one another, ≥ 1 */
  readonly window: number;
}

/**
 * Order of an epoch, as a function of (seed, epoch).
 *
 *   blocks in the order permutation(blocks, seed, "shuffle-blocks", epoch), cut into windows;
 *   samples of window w in the order permutation(samples, seed, "shuffle-window", epoch, w)
 *
 * Every sample stands in it once. Whoever keeps the blocks of one window reads every block once an
 * epoch. Samples of different windows never meet in a batch but at a window's edge, so blocks
 * should be mixed themselves: write data that are sorted by class in random order.
 *
 * @returns int32 [length]
 */
export function blockOrder(
  length: number,
  { starts, window }: ShuffleBlocks,
  seed: number,
  epoch: number,
): Int32Array {
  const blocks = permutation(starts.length, seed, "shuffle-blocks", epoch);
  const order = new Int32Array(length);
  let filled = 0;
  for (let first = 0, w = 0; first < blocks.length; first += window, w++) {
    const from = filled;
    for (const block of blocks.subarray(first, first + window)) {
      const end = starts[block + 1] ?? length;
      for (let sample = starts[block]!; sample < end; sample++) order[filled++] = sample;
    }
    const samples = order.slice(from, filled);
    const mixed = permutation(samples.length, seed, "shuffle-window", epoch, w);
    for (const [at, chosen] of mixed.entries()) order[from + at] = samples[chosen]!; // a permutation of the window
  }
  return order;
}

/**
 * Blocks of a part of the samples.
 *
 * @param chosen sample numbers in the part's order; neighbours of one block stay one block
 */
export function blocksOf({ starts, window }: ShuffleBlocks, chosen: Int32Array): ShuffleBlocks {
  const firsts: number[] = [];
  let last = -1;
  for (const [at, sample] of chosen.entries()) {
    const block = blockAt(starts, sample);
    if (block !== last) firsts.push(at);
    last = block;
  }
  return { starts: Int32Array.from(firsts), window };
}

/** @returns the number of the block that a sample lies in (binary search) */
function blockAt(starts: Int32Array, sample: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= sample) low = middle;
    else high = middle;
  }
  return low;
}
