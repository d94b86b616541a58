/** @file An order of samples in which every beginning has each class's share. */

import { permutation } from "../../engine/tensor/index.ts";

/**
 * @param samples sample numbers; @param labels the class of every sample of the data set
 * @param keys of the random order within a class
 * @returns the samples; each class's share of every beginning is within one sample of exact
 */
export function evenOrder(
  samples: readonly number[],
  labels: Int32Array,
  keys: readonly [number, string],
): readonly number[] {
  const classes = [...new Set(samples.map((at) => labels[at]!))].sort((a, b) => a - b);
  const [seed, purpose] = keys;
  const byClass = classes.map((label) => {
    const members = samples.filter((at) => labels[at] === label);
    const order = permutation(members.length, seed, purpose, label);
    return Array.from(order, (at, place) => ({
      sample: members[at]!, // a permutation of the members
      position: (place + 0.5) / members.length,
    }));
  });
  return byClass
    .flat()
    .sort((a, b) => a.position - b.position || a.sample - b.sample)
    .map(({ sample }) => sample);
}
