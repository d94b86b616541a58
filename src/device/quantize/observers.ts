/** @file Observers: from the values seen in calibration to the range that int8 shall cover. */

import { affineQuantization } from "./affine.ts";

export interface RealRange {
  readonly min: number;
  readonly max: number;
}

/**
 * How a range is chosen. `minMax`: all that was seen. `percentile`: so much of each tail is cut.
 * `mse`: the range with the least mean squared error between values and their int8 forms.
 */
export type CalibrationMethod = "minMax" | "percentile" | "mse";

export const calibrationMethods: readonly CalibrationMethod[] = ["minMax", "percentile", "mse"];

/** Bins of equal width between the smallest and the largest value. */
export interface Histogram {
  readonly range: RealRange;
  readonly counts: Float64Array;
}

const binCount = 2048;

export function emptyHistogram(range: RealRange): Histogram {
  return { range, counts: new Float64Array(binCount) };
}

/** @returns the range widened to hold all values; NaN if one is */
export function widened(range: RealRange, values: Float32Array): RealRange {
  let { min, max } = range;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}

/** Counts values into the bins. */
export function count({ range, counts }: Histogram, values: Float32Array): void {
  const width = (range.max - range.min) / binCount;
  for (const value of values) {
    const bin = width > 0 ? Math.floor((value - range.min) / width) : 0;
    const at = Math.min(Math.max(bin, 0), binCount - 1);
    counts[at] = counts[at]! + 1;
  }
}

/** @returns the middle of a bin; exactly 0 for the bin that holds it */
function middle({ min, max }: RealRange, bin: number): number {
  const width = (max - min) / binCount;
  const low = min + bin * width;
  return low <= 0 && low + width >= 0 ? 0 : low + width / 2;
}

/** @param percentile in (50, 100]: the share of values below the upper end, in percent */
export function percentileRange({ range, counts }: Histogram, percentile: number): RealRange {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const cut = total * (1 - percentile / 100);
  const width = (range.max - range.min) / binCount;
  let [low, high, below, above] = [0, binCount - 1, counts[0]!, counts[binCount - 1]!];
  while (low < high && below <= cut) below += counts[++low]!;
  while (high > low && above <= cut) above += counts[--high]!;
  return { min: range.min + low * width, max: range.min + (high + 1) * width };
}

const shares = Array.from({ length: 96 }, (_, step) => 1 - step / 100);

/** Tries shorter ends, one end after the other, twice. */
export function leastErrorRange(histogram: Histogram): RealRange {
  let best = histogram.range;
  let least = squaredError(histogram, best);
  for (const end of ["max", "min", "max", "min"] as const)
    for (const share of shares) {
      const candidate = { ...best, [end]: histogram.range[end] * share };
      const error = squaredError(histogram, candidate);
      if (error < least) [best, least] = [candidate, error];
    }
  return best;
}

/** Σ n · (x − x̂)² over bins, x̂ the int8 form of the bin's middle */
function squaredError({ range, counts }: Histogram, candidate: RealRange): number {
  const { scale, zeroPoint } = affineQuantization(candidate);
  let total = 0;
  for (let bin = 0; bin < binCount; bin++) {
    const n = counts[bin]!;
    if (n === 0) continue;
    const x = middle(range, bin);
    const q = Math.min(127, Math.max(-128, Math.round(x / scale) + zeroPoint));
    total += n * (x - scale * (q - zeroPoint)) ** 2;
  }
  return total;
}
