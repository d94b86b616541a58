/**
 * @file What to add to the logits of classes that a model was not shown, so that it names them as
 * often as it should.
 */

import { DataError } from "../errors/index.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/**
 * The number that, added to the logits of all `raised` classes, gives the most correct samples.
 *
 *   b* = argmax_b Σ_i [ argmax_c (z_ic + b·[c ∈ raised]) = y_i ]
 *
 * Found exactly: sample i changes sides at b_i = max_{c ∉ raised} z_ic − max_{c ∈ raised} z_ic, and
 * between these numbers nothing changes. Of equally good intervals the one nearest to 0 is taken,
 * and of it the middle (one beyond the outermost change at the ends).
 *
 * @param logits float32 [samples, classes], unnormalised, of a validation split
 * @param labels int32 [samples], all known
 * @param raised class indices, neither none nor all
 * @returns b, in the logits' unit; lowering all other classes by b does the same
 * @throws DataError "data/classes" for no raised class or all; as assertScoredSamples
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

const rounds = 1000;
const tolerance = 1e-6;

/**
 * One number for each class, added to its logits, under which the labels are most likely: the b
 * with the smallest Σ_i −log softmax(z_i + b)_{y_i}, of which there is one but for a constant.
 *
 * Iterative scaling: b_c ← b_c + log(n_c / Σ_i softmax(z_i + b)_c) until the model expects every
 * class as often as it is there.
 *
 * @param logits float32 [samples, classes], unnormalised, of a validation split
 * @param labels int32 [samples], all known, every class at least once
 * @returns float64 [classes], of mean 0, in the logits' unit
 * @throws DataError "data/classes" if a class does not occur
 * @see Darroch, Ratcliff (1972), Generalized iterative scaling for log-linear models, Annals of
 *   Mathematical Statistics 43(5)
 */
export function perClassBias(logits: Float32Array, labels: Int32Array): Float64Array {
  const classes = assertScoredSamples("perClassBias", logits, labels);
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]! += 1;
  const missing = counts.indexOf(0);
  if (missing >= 0)
    throw new DataError("data/classes", {
      where: "perClassBias",
      rule: "every class must occur among the labels",
      got: `no sample of class ${missing}`,
      fix: "Choose the biases on more validation data, or one for all classes",
      details: { missing },
    });
  const bias = new Float64Array(classes);
  const row = new Float64Array(classes);
  for (let round = 0; round < rounds; round++) {
    const expected = new Float64Array(classes);
    for (let i = 0; i < labels.length; i++)
      addSoftmax(logits, i * classes, bias, { row, expected });
    let largest = 0;
    for (let c = 0; c < classes; c++) {
      const step = Math.log(counts[c]! / expected[c]!);
      bias[c]! += step;
      largest = Math.max(largest, Math.abs(step));
    }
    if (largest < tolerance) break;
  }
  const mean = bias.reduce((sum, b) => sum + b, 0) / classes;
  return bias.map((b) => b - mean);
}

/** Adds softmax(logits + bias) of one sample to `expected`. */
function addSoftmax(
  logits: Float32Array,
  from: number,
  bias: Float64Array,
  { row, expected }: { readonly row: Float64Array; readonly expected: Float64Array },
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < row.length; c++) {
    row[c] = logits[from + c]! + bias[c]!;
    largest = Math.max(largest, row[c]!);
  }
  let total = 0;
  for (let c = 0; c < row.length; c++) total += row[c] = Math.exp(row[c]! - largest);
  for (let c = 0; c < row.length; c++) expected[c]! += row[c]! / total;
}

/** @returns float32 [samples, classes]: the logits with `bias` added to every sample's */
export function withBias(logits: Float32Array, bias: ArrayLike<number>): Float32Array {
  return logits.map((value, at) => value + bias[at % bias.length]!);
}
