/** @file The candidates that no other beats: as cheap and as good at once. */

/** A candidate with what it costs and what it is worth. */
export interface ParetoPoint {
  readonly name: string;
  /** smaller is better: bytes, multiply-accumulates, milliseconds */
  readonly cost: number;
  /** larger is better: accuracy, a share in 0 … 1 */
  readonly accuracy: number;
}

/**
 * The points for which there is no other that costs no more and is worth no less, one of the two
 * strictly; of equal points all.
 *
 * @returns cheapest first; equal costs in the order given
 */
export function paretoFront<Point extends Pick<ParetoPoint, "cost" | "accuracy">>(
  points: readonly Point[],
): readonly Point[] {
  const isBeaten = (point: Point): boolean =>
    points.some(
      ({ cost, accuracy }) =>
        cost <= point.cost &&
        accuracy >= point.accuracy &&
        (cost < point.cost || accuracy > point.accuracy),
    );
  return points.filter((point) => !isBeaten(point)).toSorted((a, b) => a.cost - b.cost);
}
