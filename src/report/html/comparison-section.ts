/** @file Paired differences, and every seed's accuracy. */

import { percent, points } from "../numbers.ts";
import type { Report } from "../report.ts";
import { comparisonsOf } from "./headline.ts";
import { html, type Markup } from "./markup.ts";
import { allModels, swatch } from "./models.ts";
import { type Column, table } from "./table.ts";

export function comparisonSection(report: Report): Markup {
  const { seeds } = report;
  const seedColumns = seeds.map((seed): Column => ({ head: `Seed ${seed}` }));
  const accuracies = allModels(report).map(({ key, model }) => {
    const { perSeed } = model.test.accuracy;
    return {
      mark: key === "distilled",
      cells: [
        swatch(key),
        ...seeds.map((_, i) => percent(perSeed[i] ?? perSeed[0]!)),
        percent(Math.min(...perSeed)),
        percent(Math.max(...perSeed)),
      ],
    };
  });
  const differences = comparisonsOf(report).map(({ title, diff, low, high, perSeed }) => ({
    cells: [
      `Distilled ${title}`,
      ...perSeed.map((value) => points(value)),
      points(diff),
      `${points(low)} to ${points(high)}`,
    ],
  }));
  const single =
    seeds.length > 1
      ? null
      : html`<p class="fail">One seed says nothing about training again: not a result.</p>`;
  const paired = table(
    "Paired differences in test accuracy, percentage points",
    [
      { head: "Comparison", kind: "text" },
      ...seedColumns,
      { head: "Mean" },
      { head: "95 % interval" },
    ],
    differences,
  );
  return html`<p>${report.seedVaries} Differences are paired: the same seed and the same test sample in both arms. The
95&nbsp;% intervals come from a percentile bootstrap that resamples seeds and test samples (2000 resamples).</p>${single}
${differences.length === 0 ? null : paired}${table(
  "Test accuracy of each seed",
  [{ head: "Model", kind: "text" }, ...seedColumns, { head: "Worst" }, { head: "Best" }],
  accuracies,
)}`;
}
