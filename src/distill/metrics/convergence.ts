/** @file How quickly a learning curve rises. */

import { DataError } from "../../errors/index.ts";

/**
 * The first epoch from which the curve stays at or above the target to its end.
 *
 * @param curve one value an epoch, the first being epoch 1
 * @returns the epoch, counted from 1; null if the curve ends below the target
 */
export function epochsToReach(curve: readonly number[], target: number): number | null {
  let first = curve.length;
  while (first > 0 && curve[first - 1]! >= target) first--;
  return first === curve.length ? null : first + 1;
}

/**
 * Mean height of the curve: its trapezoid area divided by its width, in the curve's own unit.
 *
 * @param curve one value an epoch, evenly spaced; a single value is its own mean
 * @throws DataError "data/empty" for no epochs
 */
export function areaUnderCurve(curve: readonly number[]): number {
  if (curve.length === 0)
    throw new DataError("data/empty", {
      where: "areaUnderCurve",
      rule: "a curve must have at least one epoch",
      got: "none",
      fix: "Record the validation accuracy after each epoch",
    });
  if (curve.length === 1) return curve[0]!;
  let area = 0;
  for (let epoch = 1; epoch < curve.length; epoch++)
    area += (curve[epoch - 1]! + curve[epoch]!) / 2;
  return area / (curve.length - 1);
}
