/**
 * @file How a generalist's specialists are asked for: the classes that it confuses are clustered;
 * each cluster gets a specialist, which starts with the generalist's weights and trains on samples
 * of which half are of its classes.
 *
 * @see Hinton, Vinyals, Dean (2015), §5, arXiv:1503.02531
 */

import { assertInRange } from "../../errors/index.ts";
import type { TrainingSpec } from "../training-spec.ts";
import { assertConfusable, type ConfusableOptions } from "./confusable-classes.ts";

/** How specialists are made and asked. */
export interface SpecialistsSpec extends ConfusableOptions {
  /** of each specialist, from the generalist's weights on */
  readonly training: TrainingSpec;
  /**
   * on which part the generalist's predictions are taken for the clustering, without labels:
   * "train" (default) or "validation", where a generalist that knows its training samples by heart
   * still makes its mistakes
   */
  readonly clusterOn?: "train" | "validation";
  /**
   * weight of the generalist's soft targets beside the hard labels, which keep a specialist from
   * overfitting; default 0: hard labels alone, as in the paper
   */
  readonly softWeight?: number;
  /** of these soft targets; default 2 */
  readonly softTemperature?: number;
  /** most probable classes of the generalist for which specialists are asked; default 1 */
  readonly active?: number;
}

/** @throws ConfigError "config/range" for what the classes do not allow, before any training */
export function assertSpecialists(spec: SpecialistsSpec, classes: number): void {
  assertConfusable(spec, classes);
  const { active = 1, softWeight = 0, softTemperature = 2 } = spec;
  assertInRange("specialists", { active }, { from: 1, to: classes, isInteger: true });
  assertInRange("specialists", { softWeight }, { from: 0 });
  assertInRange("specialists", { softTemperature }, { above: 0 });
}
