/** @file Weights of an ensemble's members, chosen on validation data. */

import { type CombineMethod, type SoftLabelMember, UNLABELLED } from "../../data/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import { logSoftmaxRow } from "../metrics/index.ts";

/** Weights and what they give. */
export interface EnsembleWeights {
  /** not negative, sum 1 */
  readonly weights: readonly number[];
  /** mean negative log-likelihood with them, nats */
  readonly nll: number;
  /** the same with equal weights */
  readonly nllOfEqual: number;
  /** by how much at most `nll` is above the smallest possible, nats */
  readonly gap: number;
}

const tolerance = 1e-6;
const mostRounds = 20_000;
/** While looking: a weight can only be multiplied, and what is smaller could not come back. */
const leastWeight = 1e-12;

/**
 * The weights that minimise the ensemble's mean negative log-likelihood over the simplex, at T = 1:
 *
 *   arithmetic:          f(w) = −1/N Σ_n log Σ_m w_m p_nm,  p_nm = m's probability of label n
 *   geometric, logits:   f(w) = −1/N Σ_n log softmax(Σ_m w_m z_nm) at label n
 *
 * Both are convex. Starts with equal weights and η = 1 / max(1, |∂f/∂w|); multiplies by exp(−η
 * ∂f/∂w), renormalises, halves η until f falls enough, doubles it after each success. Weights that
 * end at 1e-12 are 0. Ends when Σ_m w_m g_m − min_m g_m, which bounds f(w) − min f, is below 1e-6
 * nats, or after 20,000 rounds, or where rounding hides the rest; with logits of 1e4 that may come
 * first, and `gap` says so. Nothing is random.
 *
 * @param logits float32 [samples, members, classes]; @param labels int32 [samples]
 * @throws ConfigError "config/conflict" for members of independent (sigmoid) classes; DataError
 *   "data/empty" without samples, "data/unlabelled" for one without a class
 * @see Kivinen, Warmuth (1997), Exponentiated gradient versus gradient descent for linear
 *   predictors, Information and Computation 132(1); Jaggi (2013), Revisiting Frank-Wolfe, ICML, for
 *   the bound
 */
export function validationWeights(
  logits: Float32Array,
  labels: Int32Array,
  {
    members,
    combine,
    classCount: classes,
  }: {
    readonly members: readonly Pick<SoftLabelMember, "kind">[];
    readonly combine: CombineMethod;
    readonly classCount: number;
  },
): EnsembleWeights {
  assertChoosable(members, labels);
  const rows = { logits, labels, classes, members: members.length };
  const objective = combine === "arithmetic" ? mixture(rows) : pooled(rows);
  let weights = new Array<number>(members.length).fill(1 / members.length);
  let now = objective(weights);
  const nllOfEqual = now.value;
  let step = 1 / Math.max(1, ...now.gradient.map(Math.abs));
  const smallest = 1e-9 * step;
  for (let round = 0; round < mostRounds && gapOf(weights, now.gradient) > tolerance; round++) {
    const next = moved(weights, now.gradient, step);
    const there = objective(next);
    const expected = next.reduce((sum, w, m) => sum + now.gradient[m]! * (w - weights[m]!), 0);
    if (there.value <= now.value + 0.1 * expected) {
      [weights, now, step] = [next, there, step * 2];
    } else if (step > smallest) step /= 2;
    else break; // rounding: no smaller step can tell the values apart
  }
  const ended = withoutLeast(weights);
  const { value: nll, gradient } = objective(ended);
  return { weights: ended, nll, nllOfEqual, gap: gapOf(ended, gradient) };
}

interface Rows {
  readonly logits: Float32Array;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly members: number;
}

interface Point {
  readonly value: number;
  readonly gradient: Float64Array;
}

type Objective = (weights: readonly number[]) => Point;

/** Mixture of distributions. */
function mixture({ logits, labels, classes, members }: Rows): Objective {
  const p = Float64Array.from({ length: labels.length * members }, (_, at) => {
    const label = labels[Math.floor(at / members)]!;
    return Math.max(Math.exp(logSoftmaxRow(logits, at, classes)[label]!), Number.MIN_VALUE);
  }); // [samples, members]
  return (weights) => {
    let value = 0;
    const gradient = new Float64Array(members);
    for (let n = 0; n < labels.length; n++) {
      let sum = 0;
      for (let m = 0; m < members; m++) sum += weights[m]! * p[n * members + m]!;
      sum = Math.max(sum, Number.MIN_VALUE);
      value -= Math.log(sum) / labels.length;
      for (let m = 0; m < members; m++) gradient[m]! -= p[n * members + m]! / sum / labels.length;
    }
    return { value, gradient };
  };
}

/** Logarithmic pooling: the weights are linear in the logits. */
function pooled({ logits, labels, classes, members }: Rows): Objective {
  const logP = new Float64Array(logits.length);
  const row = new Float64Array(classes);
  for (let at = 0; at < labels.length * members; at++)
    logP.set(logSoftmaxRow(logits, at, classes, 1, row), at * classes);
  return (weights) => {
    let value = 0;
    const gradient = new Float64Array(members);
    for (const [n, label] of labels.entries()) {
      const at = (m: number, k: number): number => logP[(n * members + m) * classes + k]!;
      for (let k = 0; k < classes; k++) {
        let sum = 0;
        for (let m = 0; m < members; m++) sum += weights[m]! * at(m, k);
        row[k] = sum;
      }
      normalize(row);
      value -= row[label]! / labels.length;
      for (let m = 0; m < members; m++) {
        let mean = 0;
        for (let k = 0; k < classes; k++) mean += Math.exp(row[k]!) * at(m, k);
        gradient[m]! += (mean - at(m, label)) / labels.length;
      }
    }
    return { value, gradient };
  };
}

/** Scores in, log-probabilities out; in place. */
function normalize(row: Float64Array): void {
  const top = row.reduce((a, b) => Math.max(a, b));
  const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
  for (let k = 0; k < row.length; k++) row[k]! -= top + Math.log(total);
}

function moved(weights: readonly number[], gradient: Float64Array, step: number): number[] {
  const least = Math.min(...gradient);
  const next = weights.map((weight, m) => weight * Math.exp(-step * (gradient[m]! - least)));
  const total = next.reduce((sum, weight) => sum + weight, 0);
  return next.map((weight) => Math.max(weight / total, leastWeight));
}

/** @returns 0 for the smallest, sum 1 */
function withoutLeast(weights: readonly number[]): number[] {
  const kept = weights.map((weight) => (weight > leastWeight ? weight : 0));
  const total = kept.reduce((sum, weight) => sum + weight, 0);
  return kept.map((weight) => weight / total);
}

function gapOf(weights: readonly number[], gradient: Float64Array): number {
  return weights.reduce((sum, w, m) => sum + w * gradient[m]!, 0) - Math.min(...gradient);
}

function assertChoosable(
  members: readonly Pick<SoftLabelMember, "kind">[],
  labels: Int32Array,
): void {
  if (members[0]?.kind === "sigmoid")
    throw new ConfigError("config/conflict", {
      where: "teacher.weights",
      rule: "weights are chosen by the likelihood of one label a sample",
      got: "members of independent (sigmoid) classes",
      fix: "Give the weights as numbers",
    });
  if (labels.includes(UNLABELLED))
    throw new DataError("data/unlabelled", {
      where: "teacher.weights",
      rule: "weights are chosen on labelled validation samples",
      got: `no label at sample ${labels.indexOf(UNLABELLED)}`,
      fix: "Leave unlabelled samples out of the validation part",
    });
  if (labels.length === 0)
    throw new DataError("data/empty", {
      where: "teacher.weights",
      rule: "weights are chosen on validation samples",
      got: "none",
      fix: "Give a validation part",
    });
}
