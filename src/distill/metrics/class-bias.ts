/**
 * @file What to add to the logits of classes that a model was not shown, so that it names them as
 * often as it should.
 */

import { DataError } from "../../errors/index.ts";
import { assertFiniteLogits, assertRows, assertScoredSamples } from "./scored-samples.ts";

/**
 * The number that, added to the logits of all `raised` classes, gives the most correct samples.
 *
 *   b* = argmax_b Σ_i [ argmax_c (z_ic + b·[c ∈ raised]) = y_i ]
 *
 * Found exactly: sample i changes sides at b_i = max_{c ∉ raised} z_ic − max_{c ∈ raised} z_ic, and
 * between these numbers nothing changes. Of equally good intervals the one nearest to 0 is taken,
 * and of it the middle (one beyond the outermost change at the ends).
 *
 * @param logits float32 [samples, classes], unnormalised, of a validation split, finite
 * @param labels int32 [samples], all known
 * @param raised class indices, neither none nor all
 * @returns b, in the logits' unit; lowering all other classes by b does the same
 * @throws DataError "data/classes" for no raised class or all, or one that there is not,
 *   "data/not-finite" for an infinite logit; else as assertScoredSamples
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §3: +3.5 for the
 *   class 3, −7.6 for 7 and 8, there chosen on the test set; here on validation data
 */
export function sharedClassBias(
  logits: Float32Array,
  labels: Int32Array,
  raised: readonly number[],
): number {
  const classes = assertScoredSamples("sharedClassBias", logits, labels);
  if (raised.length === 0 || raised.length >= classes)
    throw new DataError("data/classes", {
      where: "sharedClassBias",
      rule: `some of the ${classes} classes must be raised, and some not`,
      got: `${raised.length} raised`,
      fix: "Name the classes that were not shown",
      details: { raised, classes },
    });
  const odd = raised.find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (odd !== undefined)
    throw new DataError("data/classes", {
      where: "sharedClassBias",
      rule: `raised classes must be whole numbers from 0 to ${classes - 1}`,
      got: String(odd),
      fix: "Use the class list that the model was trained with",
      details: { raised, classes },
    });
  assertFiniteLogits("sharedClassBias", logits, classes);
  const isRaised = new Uint8Array(classes);
  for (const label of raised) isRaised[label] = 1;
  const sides = Array.from(labels, (label, i) => changeOf(logits, i * classes, label, isRaised));
  return bestShift(sides.filter(({ gain }) => gain !== 0).sort((a, b) => a.at - b.at));
}

/** Where a sample changes sides, and how many correct samples that adds: −1, 0 or 1. */
interface Change {
  readonly at: number;
  readonly gain: number;
}

function changeOf(logits: Float32Array, from: number, label: number, isRaised: Uint8Array): Change {
  const best = [-1, -1]; // of the classes not raised, and raised
  for (let c = 0; c < isRaised.length; c++) {
    const side = isRaised[c]!;
    if (best[side]! < 0 || logits[from + c]! > logits[from + best[side]!]!) best[side] = c;
  }
  const [other, own] = best as [number, number];
  return {
    at: logits[from + other]! - logits[from + own]!,
    gain: Number(own === label) - Number(other === label),
  };
}

/** @param changes in order of where they are */
function bestShift(changes: readonly Change[]): number {
  const bounds = [...new Set(changes.map(({ at }) => at))];
  let [score, next] = [0, 0];
  let best = { score: 0, distance: Number.POSITIVE_INFINITY, shift: 0 };
  for (let interval = 0; interval <= bounds.length; interval++) {
    const [low, high] = [bounds[interval - 1], bounds[interval]];
    for (; low !== undefined && next < changes.length && changes[next]!.at <= low; next++)
      score += changes[next]!.gain;
    const shift = low === undefined ? high! - 1 : high === undefined ? low + 1 : (low + high) / 2;
    const holdsZero = (low ?? -Infinity) < 0 && (high ?? Infinity) > 0;
    const distance = holdsZero ? 0 : Math.abs(shift);
    if (interval === 0 || score > best.score || (score === best.score && distance < best.distance))
      best = { score, distance, shift: holdsZero ? 0 : shift };
  }
  return best.shift;
}

/**
 * @returns float32 [samples, classes]: the logits with `bias` added to every sample's
 * @throws ShapeError "shape/mismatch" for rows of another length than the bias
 */
export function withBias(logits: Float32Array, bias: ArrayLike<number>): Float32Array {
  assertRows("withBias", logits, bias.length);
  return logits.map((value, at) => value + bias[at % bias.length]!);
}
