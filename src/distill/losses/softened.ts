/**
 * @file What the divergences share: both softened distributions, and the way back from T to the
 * size of the gradient.
 */

import type { Value } from "../../engine/graph/index.ts";
import { div, logSoftmax, mul } from "../../engine/ops/index.ts";
import { assertSameClasses } from "./assert-logits.ts";
import { type EnsembleMean, softTargets } from "./soft-targets.ts";
import { assertTemperature, type Temperature } from "./temperature.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

export interface SofteningOptions extends SampleWeighting {
  /** T > 0; each loss states its default */
  readonly temperature?: Temperature;
  /** how an ensemble's members are averaged; default "arithmetic" */
  readonly ensembleMean?: EnsembleMean | undefined;
}

export interface DivergenceOptions extends SofteningOptions {
  /** multiply by T² so that the gradient's size does not fall with T; default true */
  readonly scaleByTemperatureSquared?: boolean;
}

/** Both distributions at temperature T, as natural logarithms, float [batch, classes]. */
export interface Softened {
  /** the teacher's p; no gradient flows through it */
  readonly logP: Value;
  /** the student's q */
  readonly logQ: Value;
}

/** @throws ShapeError "shape/mismatch", "shape/rank"; ConfigError "config/range" if T ≤ 0 */
export function softened(
  where: string,
  studentLogits: Value,
  teacherLogits: Value,
  temperature: Temperature,
  ensembleMean?: EnsembleMean,
): Softened {
  assertTemperature(where, temperature);
  assertSameClasses(where, studentLogits, teacherLogits);
  return {
    logP: softTargets(teacherLogits, temperature, ensembleMean),
    logQ: logSoftmax(div(studentLogits, temperature), -1),
  };
}

/**
 * @param perSample float32 [batch]. @returns Σ_b w_b · perSample_b, times T² unless switched off;
 *   float32 []
 */
export function scaledSum(
  where: string,
  perSample: Value,
  temperature: Temperature,
  options: DivergenceOptions,
): Value {
  const sum = weightedSum(where, perSample, options); // []
  const { scaleByTemperatureSquared = true } = options;
  return scaleByTemperatureSquared ? mul(sum, squared(temperature)) : sum;
}

/** @returns T² */
export function squared(temperature: Temperature): Temperature {
  return typeof temperature === "number" ? temperature ** 2 : mul(temperature, temperature);
}
