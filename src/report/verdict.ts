/** @file The sentence that says whether distillation helped. */

import { percent, points } from "./numbers.ts";
import type { Comparison, Outcome, Verdict } from "./report.ts";

type ComparedOutcome = Exclude<Outcome, "not-compared">;

/**
 * Helped when the whole 95 % interval of the difference is above zero, hurt when it is below,
 * otherwise no measurable difference. One seed is never a result, whatever its interval.
 *
 * @param comparison distilled minus scratch
 * @param means test accuracies of the two, 0 … 1
 */
export function judge(
  comparison: Comparison,
  means: { readonly distilled: number; readonly scratch: number },
  seeds: number,
): Verdict {
  const outcome = outcomeOf(comparison, seeds);
  const numbers =
    `${percent(means.distilled)} against ${percent(means.scratch)} from scratch: ` +
    `${points(comparison.diff)} percentage points, ` +
    `95 % interval ${points(comparison.low)} to ${points(comparison.high)}`;
  const lead: Readonly<Record<ComparedOutcome, string>> = {
    helped: "Distillation helped",
    "no-measurable-difference": "Distillation made no measurable difference",
    hurt: "Distillation hurt",
    "single-seed": "Single seed: not a result",
  };
  const over = seeds === 1 ? "test samples alone" : `${seeds} seeds and the test samples`;
  return { outcome, sentence: `${lead[outcome]}: ${numbers} (over ${over}).` };
}

/**
 * Without a student from scratch nobody knows what the teacher brought.
 *
 * @param mean the distilled student's test accuracy, 0 … 1
 */
export function notCompared(mean: number, seeds: number): Verdict {
  const over = seeds === 1 ? "1 seed" : `${seeds} seeds`;
  return {
    outcome: "not-compared",
    sentence: `Not compared with a student from scratch: ${percent(mean)} on the test samples, over ${over}; the arm scratch was not run.`,
  };
}

function outcomeOf({ low, high }: Comparison, seeds: number): ComparedOutcome {
  if (seeds < 2) return "single-seed";
  if (low > 0) return "helped";
  return high < 0 ? "hurt" : "no-measurable-difference";
}
