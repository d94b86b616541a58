/** @file What an optimiser is: slots, per-step scalars, and an update that builds graph. */

import { ConfigError } from "../../errors/index.ts";
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
  /** λ of this parameter's weight decay, 0 where it does not apply; default the optimiser's */
  readonly weightDecay?: number;
}

interface UpdateResult {
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
  /** @throws ConfigError "config/missing" for a slot or a scalar that is not given */
  readonly update: (input: UpdateInput) => UpdateResult;
}

/** What an optimiser's rule is written with: everything is there. */
interface Rule extends Omit<Optimizer, "update"> {
  readonly update: (input: Required<UpdateInput>) => UpdateResult;
}

/** A rule that is asked by hand too: it refuses what it would do without, and knows its decay. */
export function optimizerOf(rule: Rule): Optimizer {
  const { name, weightDecay } = rule;
  return {
    ...rule,
    update: (given) => {
      assertGiven(name, "slots", rule.slots, given.slots);
      assertGiven(name, "scalars", Object.keys(rule.scalars), given.scalars);
      return rule.update({ ...given, weightDecay: given.weightDecay ?? weightDecay });
    },
  };
}

function assertGiven(
  optimizer: string,
  kind: "slots" | "scalars",
  names: readonly string[],
  given: Readonly<Record<string, Value>>,
): void {
  const missing = names.filter((name) => given[name] === undefined);
  if (missing.length === 0) return;
  throw new ConfigError("config/missing", {
    where: `update of ${optimizer}`,
    rule: `${kind} must hold ${names.join(" and ")}`,
    got: Object.keys(given).join(", ") || "none",
    fix: kind === "slots" ? "Keep one for each parameter, zero at first" : "Feed them each step",
    details: { missing },
  });
}
