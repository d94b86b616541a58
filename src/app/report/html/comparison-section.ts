/** @file Paired differences, and every seed's accuracy. */

import { percent, points, span } from "../numbers.ts";
import type { Report } from "../report.ts";
import { groupNotes, hasIntervals, unitsText } from "../resampling-words.ts";
import { html, join, type Markup } from "./markup.ts";
import { allModels, comparisonsOf, modelTitles, swatch } from "./models.ts";
import { table } from "./table.ts";

export function comparisonSection(report: Report): Markup {
  const { seeds, testGroups } = report;
  const seedColumns = seeds.map((seed) => `Seed ${seed}`);
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
  const differences = comparisonsOf(report).map(({ key, perSeed, ...difference }) => ({
    cells: [
      `Distilled vs ${modelTitles[key].toLowerCase()}`,
      ...perSeed.map((value) => points(value)),
      points(difference.diff),
      span(difference, points),
    ],
  }));
  const single =
    seeds.length > 1
      ? null
      : html`<p class="fail">One seed says nothing about training again: not a result.</p>`;
  const intervals = hasIntervals(testGroups)
    ? html`The
95&nbsp;% intervals come from a percentile bootstrap that resamples seeds and ${unitsText(testGroups)} (2000 resamples).`
    : join(groupNotes(testGroups).map((note) => html`${note}`));
  const paired = table(
    "Paired differences in test accuracy, percentage points",
    [{ text: "Comparison" }, ...seedColumns, "Mean", "95 % interval"],
    differences,
  );
  return html`<p>${report.seedVaries} Differences are paired: the same seed and the same test sample in both arms. ${intervals}</p>${single}
${differences.length === 0 ? null : paired}${table(
  "Test accuracy of each seed",
  [{ text: "Model" }, ...seedColumns, "Worst", "Best"],
  accuracies,
)}`;
}
