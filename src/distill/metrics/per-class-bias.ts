/** @file One bias for each class, under which the labels are most likely. */

import { DataError } from "../../errors/index.ts";
import { assertFiniteLogits, assertScoredSamples } from "./scored-samples.ts";

const mostRounds = 500;
const smallestGain = 1e-14;
const leastCurvature = 1e-9;

/**
 * One number for each class, added to its logits, under which the labels are most likely: the b
 * with the smallest
 *
 *   f(b) = Σ_i −log softmax(z_i + b)_{y_i},
 *
 * of which there is one but for a constant. It is finite even where every sample is right: f grows
 * with each class that is raised over another that occurs. The model then expects every class as
 * often as it is there.
 *
 * Newton's method, with as much of each step as certainly lowers f: of a step whose entries span r,
 * log(1 + r) / r, because f'' changes by no more than e^r along it. It ends with a step that
 * promises less than 1e-14 of f, after some ten rounds for logits of trained networks. Classes that
 * float64 never takes for each other, e^−745 being 0, stay where they are.
 *
 * @param logits float32 [samples, classes], unnormalised, of a validation split, finite
 * @param labels int32 [samples], all known, every class at least once
 * @returns float64 [classes], of mean 0, in the logits' unit
 * @throws DataError "data/classes" if a class does not occur, "data/not-finite" for an infinite
 *   logit, "data/not-converged" after 500 rounds, which logits of millions may take; else as
 *   assertScoredSamples
 * @see Bach (2010), Self-concordant analysis for logistic regression, Electronic Journal of
 *   Statistics 4, for how f'' may change
 */
export function perClassBias(logits: Float32Array, labels: Int32Array): Float64Array {
  const classes = assertScoredSamples("perClassBias", logits, labels);
  assertCorrectable(logits, labels, classes);
  let bias = new Float64Array(classes);
  for (let round = 0; round < mostRounds; round++) {
    const { loss, weights, missed, given } = outcomeOf(logits, labels, bias);
    const pull = missed.map((mass, c) => mass - given[c]!);
    // of a class that is nearly always right or wrong, rounding errors in `pull` outweigh curvature
    for (let c = 0; c < classes - 1; c++)
      weights[c]![classes - 1]! += leastCurvature * (missed[c]! + given[c]!);
    const step = solved(weights, Float64Array.from(pull));
    const gain = pull.reduce((sum, each, c) => sum + each * step[c]!, 0); // twice what it promises
    bias = descended(logits, labels, { bias, step });
    if (gain > smallestGain * loss) continue;
    const mean = bias.reduce((sum, b) => sum + b, 0) / classes;
    return bias.map((b) => b - mean);
  }
  throw new DataError("data/not-converged", {
    where: "perClassBias",
    rule: `${mostRounds} rounds must be enough`,
    got: `logits up to ${logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0)}`,
    fix: "Check the model that made them, or choose one bias for all classes",
  });
}

function assertCorrectable(logits: Float32Array, labels: Int32Array, classes: number): void {
  const found = new Set(labels);
  for (let label = 0; label < classes; label++)
    if (!found.has(label))
      throw new DataError("data/classes", {
        where: "perClassBias",
        rule: "every class must occur among the labels",
        got: `no sample of class ${label}`,
        fix: "Choose the biases on more validation data, or one for all classes",
        details: { missing: label },
      });
  assertFiniteLogits("perClassBias", logits, classes);
}

/** What a bias comes to. No entry is a difference of large numbers, so all are exact if small. */
interface Outcome {
  /** f, in nats */
  readonly loss: number;
  /** Σ_i p_ij p_ik for j < k: −1 times the second derivative */
  readonly weights: readonly Float64Array[];
  /** probability that samples of a class give to others, and that a class gets from others */
  readonly missed: Float64Array;
  readonly given: Float64Array;
}

function outcomeOf(logits: Float32Array, labels: Int32Array, bias: Float64Array): Outcome {
  const classes = bias.length;
  const [missed, given] = [new Float64Array(classes), new Float64Array(classes)];
  const weights = Array.from({ length: classes }, () => new Float64Array(classes));
  const row = new Float64Array(classes);
  let loss = 0;
  for (const [i, label] of labels.entries()) {
    loss += softmaxInto(row, logits, { from: i * classes, bias, label });
    for (let j = 0; j < classes; j++) {
      const mass = row[j]!;
      if (j !== label) {
        missed[label]! += mass;
        given[j]! += mass;
      }
      const own = weights[j]!;
      for (let k = j + 1; k < classes; k++) own[k]! += mass * row[k]!;
    }
  }
  return { loss, weights, missed, given };
}

/**
 * Writes softmax(z + b) of one sample to `row`.
 *
 * @returns −log of the label's probability, exact where that is nearly 1
 */
function softmaxInto(
  row: Float64Array,
  logits: Float32Array,
  {
    from,
    bias,
    label,
  }: { readonly from: number; readonly bias: Float64Array; readonly label: number },
): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < row.length; c++) {
    row[c] = logits[from + c]! + bias[c]!;
    largest = Math.max(largest, row[c]!);
  }
  const below = largest - row[label]!;
  let others = 0;
  for (let c = 0; c < row.length; c++) {
    row[c] = Math.exp(row[c]! - largest);
    if (c !== label) others += row[c]!;
  }
  const total = others + row[label]!;
  for (let c = 0; c < row.length; c++) row[c]! /= total;
  return below === 0 ? Math.log1p(others) : below + Math.log(total);
}

/**
 * The step of Newton's method: L δ = −f', where L_jk = −w_jk and the rows of L sum to 0, with 0 for
 * the last class. Class by class is eliminated without a subtraction, so that couplings of 1 and of
 * 1e-20 in one system each keep all their digits.
 *
 * @param weights float64 [classes][classes], w_jk for j < k, overwritten
 * @param pull float64 [classes], −f', overwritten
 * @returns float64 [classes]
 * @see Grassmann, Taksar, Heyman (1985), Regenerative analysis and steady state distributions for
 *   Markov chains, Operations Research 33(5), for the elimination
 */
function solved(weights: readonly Float64Array[], pull: Float64Array): Float64Array {
  const last = pull.length - 1;
  const degrees = new Float64Array(pull.length);
  for (let k = 0; k < last; k++) {
    const row = weights[k]!;
    const degree = row.subarray(k + 1).reduce((sum, w) => sum + w, 0);
    degrees[k] = degree;
    for (let i = k + 1; degree > 0 && i <= last; i++) {
      const share = row[i]! / degree;
      pull[i]! += share * pull[k]!;
      for (let j = i + 1; j <= last; j++) weights[i]![j]! += share * row[j]!;
    }
  }
  const step = new Float64Array(pull.length);
  for (let k = last - 1; k >= 0; k--) {
    if (degrees[k] === 0) continue; // nothing pulls it
    const sum = weights[k]!.subarray(k + 1).reduce(
      (s, w, at) => s + w * step[k + 1 + at]!,
      pull[k]!,
    );
    step[k] = sum / degrees[k]!;
  }
  return step;
}

/** @returns bias + t · step: the t that certainly lowers f, doubled for as long as f falls more */
function descended(
  logits: Float32Array,
  labels: Int32Array,
  { bias, step }: { readonly bias: Float64Array; readonly step: Float64Array },
): Float64Array<ArrayBuffer> {
  const span = step.reduce((a, b) => Math.max(a, b)) - step.reduce((a, b) => Math.min(a, b));
  const moved = (t: number): Float64Array<ArrayBuffer> =>
    Float64Array.from(bias, (b, c) => b + t * step[c]!);
  let t = span === 0 ? 1 : Math.log1p(span) / span;
  if (span < 1) return moved(t);
  const row = new Float64Array(bias.length);
  const lossOf = (at: Float64Array): number =>
    labels.reduce(
      (sum, label, i) => sum + softmaxInto(row, logits, { from: i * row.length, bias: at, label }),
      0,
    );
  let loss = lossOf(moved(t));
  for (;;) {
    const next = lossOf(moved(2 * t));
    if (!(next < loss)) return moved(t);
    [t, loss] = [2 * t, next];
  }
}
