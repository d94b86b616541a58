/** @file The share of a teacher's gain that students kept, where every seed has a teacher and a baseline of its own. */

import { randomStream } from "../../dist/engine/tensor/index.js";

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

/**
 * @param {{ baseline: Uint8Array[], teacher: Uint8Array[], students: Uint8Array[] }} counts [seeds][samples], 1 where right;
 *   all three seed by seed
 * @returns gain (teacher − baseline) and kept, (students − baseline) / (teacher − baseline), with 95 % intervals by a bootstrap
 *   over seeds and samples; kept is null where the gain's interval holds 0
 */
export function shareKept({ baseline, teacher, students }, resamples = 2000) {
  const [seeds, samples] = [baseline.length, baseline[0].length];
  const stream = randomStream(0, "share kept");
  const measure = (chosen, drawn) => {
    const share = (models) =>
      mean(chosen.map((seed) => drawn.reduce((sum, times, i) => sum + times * models[seed][i], 0) / samples));
    const [low, high, own] = [share(baseline), share(teacher), share(students)];
    return [high - low, (own - low) / (high - low)];
  };
  const all = Array.from({ length: seeds }, (_, seed) => seed);
  const found = measure(all, new Float64Array(samples).fill(1));
  const draws = Array.from({ length: resamples }, () => {
    const drawn = new Float64Array(samples);
    for (let i = 0; i < samples; i++) drawn[stream.integer(samples)] += 1;
    return measure(
      all.map(() => stream.integer(seeds)),
      drawn,
    );
  });
  const interval = (column) => {
    const sorted = draws.map((row) => row[column]).toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.round(share * (resamples - 1))];
    return { mean: found[column], low: at(0.025), high: at(0.975) };
  };
  const gain = interval(0);
  return { gain, kept: gain.low > 0 || gain.high < 0 ? interval(1) : null };
}
