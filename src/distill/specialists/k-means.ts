/** @file k-means: Lloyd's algorithm from seeded starts. */

import { type RandomStream, randomStream } from "../../engine/tensor/index.ts";
import { ConfigError } from "../../errors/index.ts";

export interface KMeansOptions {
  /** number of clusters, 1 … points */
  readonly clusters: number;
  /** of the starts; default 0 */
  readonly seed?: number;
  /** starts, of which the best is kept; default 20 */
  readonly starts?: number;
}

export interface Clusters {
  /** cluster of each point, 0 … clusters − 1, numbered by their first point */
  readonly assignment: Int32Array;
  /** float64 [clusters][dimensions] */
  readonly centres: readonly Float64Array[];
  /** Σ of squared distances from the points to their centres */
  readonly inertia: number;
}

const mostRounds = 1000;

/**
 * Finds `clusters` centres with a small sum of squared distances: k-means++ starts, then Lloyd's
 * two steps until no point moves; the best of several starts. The result is a function of points
 * and options. A centre that loses all points takes the point that is farthest from its own.
 *
 * @param points float64 [points][dimensions]
 * @throws ConfigError "config/range" for a number of clusters outside 1 … points
 * @see Lloyd (1982), Least squares quantization in PCM, IEEE Trans. Inf. Theory 28(2); Arthur,
 *   Vassilvitskii (2007), k-means++, SODA
 */
export function kMeans(points: readonly Float64Array[], options: KMeansOptions): Clusters {
  const { clusters, seed = 0, starts = 20 } = options;
  if (!(Number.isInteger(clusters) && clusters >= 1 && clusters <= points.length))
    throw new ConfigError("config/range", {
      where: "kMeans",
      rule: `the number of clusters must be an integer in 1 … ${points.length}`,
      got: String(clusters),
      fix: "Correct it",
      details: { clusters, points: points.length },
    });
  let best: Clusters | undefined;
  for (let start = 0; start < starts; start++) {
    const found = lloyd(points, plusPlus(points, clusters, randomStream(seed, "k-means", start)));
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return inOrder(best!); // at least one start
}

/** Starting centres: each next one a point, drawn in proportion to its squared distance. */
function plusPlus(
  points: readonly Float64Array[],
  clusters: number,
  stream: RandomStream,
): Float64Array[] {
  const centres = [points[stream.integer(points.length)]!.slice()];
  while (centres.length < clusters) {
    const weights = points.map((point) => nearest(point, centres).distance);
    let left = stream.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    centres.push(points[chosen < 0 ? points.length - 1 : chosen]!.slice());
  }
  return centres;
}

function lloyd(points: readonly Float64Array[], starts: Float64Array[]): Clusters {
  const centres = starts;
  let assignment = new Int32Array(points.length).fill(-1);
  for (let round = 0; round < mostRounds; round++) {
    const next = Int32Array.from(points, (point) => nearest(point, centres).index);
    fillEmpty(points, centres, next);
    if (next.every((cluster, at) => cluster === assignment[at])) break;
    assignment = next;
    for (const [cluster, centre] of centres.entries()) moveCentre(centre, cluster, points, next);
  }
  const inertia = points.reduce((sum, point, at) => {
    return sum + squaredDistance(point, centres[assignment[at]!]!);
  }, 0);
  return { assignment, centres, inertia };
}

/** A cluster without points takes the point that lies farthest from its centre. */
function fillEmpty(
  points: readonly Float64Array[],
  centres: readonly Float64Array[],
  assignment: Int32Array,
): void {
  for (let cluster = 0; cluster < centres.length; cluster++) {
    if (assignment.includes(cluster)) continue;
    const distances = points.map((point, at) => {
      const own = assignment[at]!;
      const isAlone = assignment.filter((other) => other === own).length === 1;
      return isAlone ? -1 : squaredDistance(point, centres[own]!);
    });
    assignment[distances.indexOf(Math.max(...distances))] = cluster;
  }
}

function moveCentre(
  centre: Float64Array,
  cluster: number,
  points: readonly Float64Array[],
  assignment: Int32Array,
): void {
  const own = points.filter((_, at) => assignment[at] === cluster);
  for (let d = 0; d < centre.length; d++)
    centre[d] = own.reduce((sum, point) => sum + point[d]!, 0) / own.length;
}

function nearest(
  point: Float64Array,
  centres: readonly Float64Array[],
): { readonly index: number; readonly distance: number } {
  let best = { index: 0, distance: Number.POSITIVE_INFINITY };
  for (const [index, centre] of centres.entries()) {
    const distance = squaredDistance(point, centre);
    if (distance < best.distance) best = { index, distance };
  }
  return best;
}

/** @returns Σ (a − b)² */
function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d]! - b[d]!) ** 2;
  return sum;
}

/** Numbers the clusters by their first points, so that equal partitions have equal numbers. */
function inOrder({ assignment, centres, inertia }: Clusters): Clusters {
  const order = [...new Set(assignment)];
  return {
    assignment: assignment.map((cluster) => order.indexOf(cluster)),
    centres: order.map((cluster) => centres[cluster]!),
    inertia,
  };
}
