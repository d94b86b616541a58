/**
 * @file Area under the receiver operating characteristic: how well a score tells two kinds apart.
 */

import { DataError, ShapeError } from "../../errors/index.ts";

/**
 * The probability that a score drawn from the positives is above one drawn from the negatives,
 * equal ones counting half: ½ is chance, 1 is perfect.
 *
 *   AUC = (Σ ranks of positives − p (p + 1) / 2) / (p · n)     equal scores share their mean rank
 *
 * @param scores any real numbers: errors of a reconstruction, a class's probability
 * @param isPositive which samples are of the kind that should score high
 * @throws DataError "evaluate/one-kind" unless there are both kinds; "data/not-finite" for NaN
 * @see Hanley, McNeil (1982), The Meaning and Use of the Area under a ROC Curve, Radiology 143
 */
export function areaUnderRoc(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>): number {
  if (scores.length !== isPositive.length)
    throw new ShapeError("shape/mismatch", {
      where: "areaUnderRoc",
      rule: "there must be a kind for each score",
      got: `${scores.length} scores and ${isPositive.length} kinds`,
      fix: "Give those of the same samples, in one order",
    });
  const order = Array.from(scores, (_, at) => at).sort((a, b) => scores[a]! - scores[b]!);
  const nan = order.find((at) => Number.isNaN(scores[at]!));
  if (nan !== undefined)
    throw new DataError("data/not-finite", {
      where: "areaUnderRoc",
      rule: "every score must be a number",
      got: `NaN for sample ${nan}`,
    });
  const positives = order.filter((at) => isPositive[at]).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0)
    throw new DataError("evaluate/one-kind", {
      where: "areaUnderRoc",
      rule: "there must be samples of both kinds",
      got: `${positives} positive and ${negatives} negative`,
      fix: "Add samples of the other kind",
    });
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    const rank = (from + 1 + to) / 2; // mean of from + 1 … to
    for (const at of order.slice(from, to)) if (isPositive[at]) rankSum += rank;
    from = to;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
