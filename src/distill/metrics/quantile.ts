/** @file Quantiles of a sample. */

/**
 * The q-quantile with linear interpolation between order statistics (type 7, as NumPy's and R's
 * default).
 *
 * @param sorted ascending, not empty; @param q 0 … 1
 */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
