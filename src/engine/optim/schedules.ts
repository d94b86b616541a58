/**
 * @file Schedules: a number as a function of the step. Learning rate, temperature and loss weights
 * all take one.
 */

import { assertInRange, ConfigError, type Range, unknownName } from "../../errors/index.ts";

/** @param step counts from 0; @param total steps of the whole run */
export type Schedule = (step: number, total: number) => number;

/**
 * A schedule as data, in recipes. Positions are shares of the run in [0, 1], so they survive a
 * change of batch size.
 */
export type ScheduleSpec =
  | number
  | { readonly kind: "constant"; readonly value: number }
  | {
      readonly kind: "step";
      readonly value: number;
      /** shares of the run at which the value is multiplied by `factor` */
      readonly at: readonly number[];
      readonly factor?: number;
    }
  | {
      readonly kind: "cosine";
      readonly value: number;
      /** value at the end; default 0 */
      readonly final?: number;
      /** share of the run spent rising linearly from 0; default 0 */
      readonly warmup?: number;
    }
  | {
      readonly kind: "linear";
      readonly value: number;
      readonly final: number;
      readonly warmup?: number;
    }
  | {
      /** rises linearly from 0 over the first `warmup` share, then stays */
      readonly kind: "warmup";
      readonly value: number;
      readonly warmup: number;
    }
  | {
      /** the value in these parts of the run, 0 in the others: distillation that begins or ends */
      readonly kind: "windows";
      readonly value: number;
      /** shares of the run: from the one on, up to and without the other */
      readonly on: readonly (readonly [from: number, to: number])[];
    };

const kinds: readonly string[] = ["constant", "step", "cosine", "linear", "warmup", "windows"];

/** 0.55 · 20 is a little above 11 in floating point. */
const isPast = (step: number, place: number): boolean => step >= place * (1 - 1e-9);

/**
 * @param where who asks, for messages
 * @param range of `value`: a temperature is above 0; default from 0. A course never comes to its
 *   `final`, which may be 0 in any case
 * @returns the schedule that a spec describes
 * @throws ConfigError "config/range" for values outside the range, windows for what may not be 0,
 *   no window, a negative `final`, shares outside [0, 1] and numbers that are not finite;
 *   "config/unknown-name" for another kind
 */
export function schedule(
  spec: ScheduleSpec,
  where: string = "schedule",
  range: Range = { from: 0 },
): Schedule {
  if (typeof spec !== "object" || spec === null) return constantly(spec, where, range);
  const { value } = spec;
  if (!kinds.includes(spec.kind)) throw unknownName(where, "kind", String(spec.kind), kinds);
  if (spec.kind === "constant") return constantly(value, where, range);
  assertInRange(where, { value }, range);
  if (spec.kind === "step") {
    const { at, factor = 0.1 } = spec;
    for (const share of at) assertInRange(where, { at: share }, { from: 0, to: 1 });
    assertInRange(where, { factor }, { above: 0 });
    return (step, total) =>
      value * factor ** at.filter((share) => isPast(step, share * total)).length;
  }
  if (spec.kind === "windows") return windows(spec, where, range);
  const { warmup = 0 } = spec;
  assertInRange(where, { warmup }, { from: 0, to: 1 });
  if (spec.kind === "warmup") return (step, total) => value * rise(step, warmup * total);
  const { final = 0 } = spec;
  assertInRange(where, { final }, { from: 0 });
  return fall(spec.kind, value, final, warmup);
}

function constantly(value: number, where: string, range: Range): Schedule {
  assertInRange(where, { value }, range);
  return () => value;
}

function windows(
  { value, on }: Extract<ScheduleSpec, { readonly kind: "windows" }>,
  where: string,
  range: Range,
): Schedule {
  if (on.length === 0 || range.from !== 0)
    throw new ConfigError("config/range", {
      where,
      rule: "windows are for a weight, which may be 0 outside them, and there must be one",
      got: on.length === 0 ? "none" : "a number that must not be 0",
      fix: "Name one as [from, to], shares of the run; or use a number, step or linear",
    });
  for (const [from, to] of on) {
    assertInRange(where, { from }, { from: 0, below: 1 });
    assertInRange(where, { to }, { above: from, to: 1 });
  }
  return (step, total) =>
    on.some(([from, to]) => isPast(step, from * total) && !isPast(step, to * total)) ? value : 0;
}

/** From `value` to `final`, after a rise from 0 over the first `warmup` share. */
function fall(kind: "cosine" | "linear", value: number, final: number, warmup: number): Schedule {
  const shape = (share: number): number =>
    kind === "cosine" ? (1 + Math.cos(Math.PI * share)) / 2 : 1 - share;
  return (step, total) => {
    const start = warmup * total;
    if (step < start) return value * rise(step, start);
    return final + (value - final) * shape((step - start) / Math.max(1, total - start));
  };
}

/**
 * Linear rise over `steps`: the first step already takes 1/steps, so that no step is wasted on a
 * rate of 0.
 */
function rise(step: number, steps: number): number {
  return Math.min(1, (step + 1) / Math.max(1, steps));
}
