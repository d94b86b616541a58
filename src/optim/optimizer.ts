/** @file What an optimiser is: slots, per-step scalars, and an update that builds graph. */

import type { Value } from "../graph/index.ts";

export interface UpdateInput {
  readonly parameter: Value;
  /** same shape as the parameter */
  readonly gradient: Value;
  /** by slot name; same shape as the parameter */
  readonly slots: Readonly<Record<string, Value>>;
  /** float32 [] */
  readonly learningRate: Value;
  /** by scalar name; float32 [] */
  readonly scalars: Readonly<Record<string, Value>>;
  /** λ of the weight decay for this parameter; 0 where decay does not apply */
  readonly weightDecay: number;
}

export interface UpdateResult {
  readonly parameter: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

/** A graph-building rule. Slots start at zero and live in the step's state. */
export interface Optimizer {
  readonly name: string;
  /** slots of each parameter */
  readonly slots: readonly string[];
  /** scalars that the host works out for each step, in float64; step counts from 1 */
  readonly scalars: Readonly<Record<string, (step: number) => number>>;
  /** λ for the parameters that decay */
  readonly weightDecay: number;
  readonly update: (input: UpdateInput) => UpdateResult;
}
