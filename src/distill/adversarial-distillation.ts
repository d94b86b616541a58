/** @file The adversarial term as a loss of a Distiller. */

import type { NamedDistillation } from "./logits-distillation.ts";
import type { AdversarialSpec } from "./training-spec.ts";

/**
 * Trains a discriminator that tells the student's logits from the teacher's, and the student to
 * fool it, beside a loss of the logits or the labels: which sample has which logits it does not
 * see.
 *
 * @example
 *   const distillationLoss = [LogitsDistillation(), AdversarialDistillation({ weight: 0.1 })];
 * @see AdversarialSpec for the defaults
 */
export function AdversarialDistillation(spec: AdversarialSpec = {}): NamedDistillation {
  return { spec: { adversarial: spec, softWeight: 0 } };
}
