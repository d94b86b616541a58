/** @file The teacher's softened class distribution, of one model or of an ensemble. */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  div,
  exp,
  log,
  logSoftmax,
  mul,
  reduceMax,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
} from "../../engine/ops/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { assertKnown, ConfigError, ShapeError } from "../../errors/index.ts";
import { constantLike } from "./constant-like.ts";
import type { Temperature } from "./temperature.ts";

const meanNames = ["arithmetic", "geometric", "logits"] as const;

/**
 * How an ensemble's members become one distribution:
 * "arithmetic": mean of the members' softened probabilities; "geometric": their renormalised
 * geometric mean, which is the softmax of the mean logits; so "logits" is the same function under
 * its other name.
 */
export type MeanName = (typeof meanNames)[number];

/** A mean by its name, of members that weigh alike; or with one relative weight a member, ≥ 0. */
export type EnsembleMean =
  | MeanName
  | { readonly mean: MeanName; readonly weights: readonly number[] };

/** Log of a weight of 0: no other term's exponential reaches so far down. */
const logOfNothing = -1e9;

/**
 * log p, where p is the teacher's distribution at temperature T. No gradient flows through it.
 *
 *   one model:   p = softmax(v / T)
 *   arithmetic:  p = 1/M Σ_m softmax(v_m / T)
 *   geometric:   p ∝ exp(1/M Σ_m log softmax(v_m / T))
 *
 * With weights, w_m / Σ w takes the place of 1/M.
 *
 * @param teacherLogits float32 [batch, classes] or [batch, members, classes], unnormalised
 * @returns float32 [batch, classes]: natural logarithms of probabilities
 * @throws ShapeError "shape/rank" for any other rank; ConfigError "config/range" for weights that
 *   do not fit the members
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2 and §3,
 *   arXiv:1503.02531
 */
export function softTargets(
  teacherLogits: Value,
  temperature: Temperature,
  mean: EnsembleMean = "arithmetic",
): Value {
  const rank = teacherLogits.shape.length;
  if (rank !== 2 && rank !== 3)
    throw new ShapeError("shape/rank", {
      where: "softTargets",
      rule: "teacherLogits must be [batch, classes] or [batch, members, classes]",
      got: showShape(teacherLogits.shape),
      fix: "Reshape them",
    });
  const scaled = div(stopGradient(teacherLogits), temperature);
  if (rank === 2) return logSoftmax(scaled, -1);
  const { name, weights } = named(mean, teacherLogits);
  if (name !== "arithmetic") return logSoftmax(memberMean(scaled, weights), -1); // [batch, classes]
  const logMember = logSoftmax(scaled, -1); // [batch, members, classes]
  const logs = weights?.map((weight) => (weight === 0 ? logOfNothing : Math.log(weight)));
  const terms = logs === undefined ? logMember : add(logMember, perMember(logMember, logs));
  const top = reduceMax(terms, { axes: [1], keepDims: true }); // [batch, 1, classes]
  const reduce = weights === undefined ? reduceMean : reduceSum;
  const sum = reduce(exp(sub(terms, top)), { axes: [1], keepDims: false }); // [batch, classes]
  return add(log(sum), reduceSum(top, { axes: [1], keepDims: false })); // [batch, classes]
}

/**
 * The members' mean logits, weighted where the mean has weights.
 *
 * @param logits float32 [batch, members, classes]. @returns float32 [batch, classes]
 * @throws ConfigError "config/range" as `softTargets`
 */
export function meanLogits(logits: Value, mean: EnsembleMean = "logits"): Value {
  return memberMean(logits, named(mean, logits).weights);
}

function memberMean(logits: Value, weights: readonly number[] | undefined): Value {
  const overMembers = { axes: [1], keepDims: false };
  return weights === undefined
    ? reduceMean(logits, overMembers)
    : reduceSum(mul(logits, perMember(logits, weights)), overMembers);
}

/** @returns [1, members, 1] */
function perMember(like: Value, values: readonly number[]): Value {
  return constantLike(like, [1, values.length, 1], Float64Array.from(values));
}

/** @returns the mean's name, and weights that sum to 1 where it has any */
function named(
  mean: EnsembleMean,
  { shape }: Value,
): { readonly name: MeanName; readonly weights: readonly number[] | undefined } {
  const name = typeof mean === "string" ? mean : mean.mean;
  assertKnown("softTargets", "mean of an ensemble", name, meanNames);
  if (typeof mean === "string") return { name, weights: undefined };
  const { weights } = mean;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isRight =
    weights.length === shape[1] && weights.every((weight) => weight >= 0) && total > 0;
  if (!isRight || !Number.isFinite(total))
    throw new ConfigError("config/range", {
      where: "softTargets",
      rule: `weights must be ${shape[1]} finite numbers, none negative and not all 0`,
      got: weights.join(", "),
      fix: "Give one weight for each member",
    });
  return { name: mean.mean, weights: weights.map((weight) => weight / total) };
}
