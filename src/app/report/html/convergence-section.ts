/** @file Whether the distilled student learns in fewer epochs. */

import { decimal, percent, points, span } from "../numbers.ts";
import type { Report } from "../report.ts";
import { lines } from "./curve-section.ts";
import { html, type Markup } from "./markup.ts";
import { legend, modelTitles } from "./models.ts";
import { table } from "./table.ts";

/** @returns null where convergence was not measured */
export function convergenceSection({ convergence }: Report): Markup | null {
  if (convergence === null) return null;
  const { sentence, perSeed, areaDifference, runs, labellingSeconds } = convergence;
  const curves = runs.map(({ arm, validationAccuracy }) => ({
    key: arm,
    points: validationAccuracy.map((accuracy, i) => [i + 1, 100 * accuracy] as const),
  }));
  const rates = [...new Map(runs.map(({ arm, learningRate }) => [arm, learningRate]))];
  const rows = perSeed.map((row) => ({
    cells: [
      String(row.seed),
      percent(row.target),
      row.distilledEpoch === null ? "never" : String(row.distilledEpoch),
      String(row.scratchEpoch),
      decimal(row.distilledSeconds, 1),
      decimal(row.distilledSecondsWithLabelling, 1),
      decimal(row.scratchSeconds, 1),
      points(row.distilledArea - row.scratchArea),
    ],
  }));
  const heads = ["Seed", "Target", "Distilled, epoch", "Scratch, epoch", "Distilled, s"];
  const columns = [...heads, "with labelling, s", "Scratch, s", "Area difference"];
  return html`<p><strong>${sentence}</strong></p>
<p>Constant learning rates, tuned for each arm (${rates
    .map(([arm, rate]) => `${modelTitles[arm].toLowerCase()} ${rate}`)
    .join(
      ", ",
    )}). The target is scratch’s best validation accuracy with the same seed. Scratch is timed when it first has
it; the distilled student from the epoch after which it never falls below. Labelling took ${decimal(labellingSeconds, 1)} s.
Mean height of the curves, distilled minus scratch: ${points(areaDifference.mean)} points (95&nbsp;% interval over seeds
${span(areaDifference, points)}).</p>
${legend([...new Set(runs.map(({ arm }) => arm))])}
<div class="grid">${lines("Validation accuracy at constant learning rate, %", curves)}</div>
${table(null, columns, rows)}`;
}
