/**
 * @file One teacher from several: how the members' logits become a single distribution. Float64
 * inside.
 */

import { ConfigError } from "../../errors/index.ts";
import type { CombineMethod } from "./manifest.ts";

/** How to combine. */
export interface CombineOptions {
  readonly method: CombineMethod;
  /** T > 0; default 1 */
  readonly temperature?: number;
  /**
   * the members' stored numbers are one independent logit per class; default false: softmax over
   * classes
   */
  readonly isSigmoid?: boolean;
  /** relative weight of each member, not negative, divided by their sum w; default: all equal */
  readonly weights?: readonly number[];
}

/**
 * The teacher's effective logits z at temperature T: softmax(z / T) is the members' combined
 * distribution.
 *
 *   arithmetic   z = T · log Σ_m w_m softmax(z_m / T)
 *   geometric    z = T · (g − logΣexp g),   g = Σ_m w_m log softmax(z_m / T)
 *   logits       z = Σ_m w_m z_m            (the same distribution as geometric, not normalised)
 *
 * With one member z is that member's logits, byte for byte. For sigmoid members, with s the
 * logistic function: arithmetic is z = T · logit Σ_m w_m s(z_m / T), and both others are z = Σ_m
 * w_m z_m. Arithmetic and geometric z / T are already log-probabilities; stable for logits of any
 * finite size.
 *
 * @param logits float32 [members, classes], temperature-free; log p of a teacher of probabilities
 * @param members ≥ 1, divides the number of logits
 * @returns float32 [classes], a new array
 * @throws ConfigError "config/range" for a wrong temperature, number of members or weights
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §1,
 * arXiv:1503.02531: "using the
 *   arithmetic or geometric mean of their individual predictive distributions as the soft targets"
 */
export function combineMembers(
  logits: Float32Array,
  members: number,
  options: CombineOptions,
): Float32Array {
  const { method, temperature = 1, isSigmoid = false } = options;
  const classes = logits.length / members;
  assertRange("temperature must be above 0 and finite", temperature, isPositive(temperature));
  assertRange(
    "members must divide the number of logits",
    members,
    members >= 1 && Number.isInteger(classes),
  );
  const weights = normalWeights(members, options.weights);
  if (members === 1) return logits.slice();
  const rows = weights.map((_, m) => logits.subarray(m * classes, (m + 1) * classes));
  if (method === "logits" || (isSigmoid && method === "geometric"))
    return Float32Array.from({ length: classes }, (_, k) => weightedSum(weights, rows, k));
  const logWeights = weights.map(Math.log);
  if (isSigmoid)
    return Float32Array.from({ length: classes }, (_, k) => {
      const mean = (sign: 1 | -1): number =>
        logSumExp(rows.map((z, m) => logWeights[m]! + logSigmoid((sign * z[k]!) / temperature)));
      return temperature * (mean(1) - mean(-1));
    });
  const logP = rows.map((z) => logSoftmax(z, temperature)); // [members][classes]
  if (method === "arithmetic") return arithmeticMean(logP, logWeights, temperature);
  const g = Float64Array.from({ length: classes }, (_, k) => weightedSum(weights, logP, k));
  return Float32Array.from(logSoftmax(g, 1), (value) => temperature * value);
}

/** T · log Σ_m w_m p_m */
function arithmeticMean(
  logP: readonly Float64Array[],
  logWeights: readonly number[],
  temperature: number,
): Float32Array {
  const z = new Float32Array(logP[0]!.length); // of two members at least
  const terms = new Float64Array(logP.length);
  for (let k = 0; k < z.length; k++) {
    for (let m = 0; m < terms.length; m++) terms[m] = logWeights[m]! + logP[m]![k]!;
    z[k] = temperature * logSumExp(terms);
  }
  return z;
}

/**
 * The combined teacher's log-probabilities at temperature T, in nats: log softmax(z / T), or log
 * s(z / T) per class for sigmoid members, with z from `combineMembers`.
 *
 * @returns float64 [classes], ≤ 0
 */
export function combinedLogProbabilities(
  logits: Float32Array,
  members: number,
  options: CombineOptions,
): Float64Array {
  const { temperature = 1, isSigmoid = false } = options;
  const z = combineMembers(logits, members, options);
  return isSigmoid
    ? Float64Array.from(z, (value) => logSigmoid(value / temperature))
    : logSoftmax(z, temperature);
}

function isPositive(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

function assertRange(rule: string, got: number, isRight: boolean): void {
  if (isRight) return;
  const fix = "Correct the option";
  throw new ConfigError("config/range", { where: "combineMembers", rule, got: `${got}`, fix });
}

function normalWeights(members: number, given: readonly number[] | undefined): number[] {
  if (given === undefined) return new Array<number>(members).fill(1 / members);
  assertRange("there must be one weight for each member", given.length, given.length === members);
  for (const weight of given)
    assertRange(
      "weights must be finite and not negative",
      weight,
      weight >= 0 && weight < Infinity,
    );
  const total = given.reduce((sum, weight) => sum + weight, 0);
  assertRange("the weights' sum must be above 0 and finite", total, isPositive(total));
  return given.map((weight) => weight / total);
}

function weightedSum(
  weights: readonly number[],
  rows: readonly ArrayLike<number>[],
  k: number,
): number {
  return rows.reduce((sum, row, m) => sum + weights[m]! * row[k]!, 0);
}

/** log Σ exp x, for x of which at least one is finite */
function logSumExp(x: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i++) top = Math.max(top, x[i]!);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i]! - top);
  return top + Math.log(sum);
}

function logSoftmax(z: Float32Array | Float64Array, temperature: number): Float64Array {
  const logP = new Float64Array(z.length);
  for (let k = 0; k < z.length; k++) logP[k] = z[k]! / temperature;
  const norm = logSumExp(logP);
  for (let k = 0; k < z.length; k++) logP[k]! -= norm;
  return logP;
}

/** log(1 / (1 + exp(−x))) */
function logSigmoid(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}
