/** @file The sentence that says whether distillation helped. */

import { percent, points, span } from "./numbers.ts";
import type { Comparison, Outcome, Verdict } from "./report.ts";
import { type GroupCount, unitsText } from "./resampling-words.ts";

type ComparedOutcome = Exclude<Outcome, "not-compared">;

/**
 * Helped when the whole 95 % interval of the difference is above zero, hurt when it is below,
 * otherwise no measurable difference. One seed is never a result, whatever its interval; nor are
 * too few groups of test samples, which have none.
 *
 * @param comparison distilled minus scratch
 * @param means test accuracies of the two, 0 … 1
 * @param groups of test samples that the interval is over; default: single samples
 */
export function judge(
  comparison: Comparison,
  means: { readonly distilled: number; readonly scratch: number },
  seeds: number,
  groups: GroupCount = null,
): Verdict {
  const outcome = outcomeOf(comparison, seeds);
  const numbers =
    `${percent(means.distilled)} against ${percent(means.scratch)} from scratch: ` +
    `${points(comparison.diff)} percentage points`;
  const lead: Readonly<Record<ComparedOutcome, string>> = {
    helped: "Distillation helped",
    "no-measurable-difference": "Distillation made no measurable difference",
    hurt: "Distillation hurt",
    "single-seed": "Single seed: not a result",
    "too-few-groups": "Too few groups: not a result",
  };
  const units = unitsText(groups);
  const interval =
    comparison.low === null
      ? ` (over ${seedsText(seeds)}; no interval from ${units})`
      : `, 95 % interval ${span(comparison, points)} (over ${seeds === 1 ? `${units} alone` : `${seedsText(seeds)} and ${groups === null ? "the " : ""}${units}`})`;
  return { outcome, sentence: `${lead[outcome]}: ${numbers}${interval}.` };
}

/**
 * Without a student from scratch nobody knows what the teacher brought.
 *
 * @param mean the distilled student's test accuracy, 0 … 1
 */
export function notCompared(mean: number, seeds: number): Verdict {
  return {
    outcome: "not-compared",
    sentence: `Not compared with a student from scratch: ${percent(mean)} on the test samples, over ${seedsText(seeds)}; the arm scratch was not run.`,
  };
}

function seedsText(seeds: number): string {
  return seeds === 1 ? "1 seed" : `${seeds} seeds`;
}

function outcomeOf({ low, high }: Comparison, seeds: number): ComparedOutcome {
  if (seeds < 2) return "single-seed";
  if (low === null || high === null) return "too-few-groups";
  if (low > 0) return "helped";
  return high < 0 ? "hurt" : "no-measurable-difference";
}
