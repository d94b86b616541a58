/** @file How the student was found: all trials, and what accuracy costs. */

import { byteSize, decimal, percent, whole } from "../numbers.ts";
import { paretoChart } from "../pareto-plot.ts";
import type { Report } from "../report.ts";
import type { SearchReport, SearchTrialReport } from "../search-report.ts";
import { chart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** @returns null where the student was given */
export function searchSection({ search }: Report): Markup | null {
  if (search === null) return null;
  const { board, flashBytes, ramBytes, trials, tooLarge, rungs } = search;
  const heads = ["Epochs", "Flash", "RAM", "MACs", "About ms", "Parameters"];
  const halving = rungs.map(({ count, epochs }) => `${count} for ${epochs} epochs`).join(", ");
  return html`<p>Successive halving with distillation on ${board}: ${byteSize(flashBytes)} of flash and ${byteSize(ramBytes)} of RAM
without what is reserved${limits(search)}. ${whole(trials.length)} students fit and were trained (${halving}); ${whole(tooLarge)} did not fit.
Judged on the validation split alone; accuracies are of each student’s last training, so those that came less far had fewer
epochs. Tables and arena are exact, code and stack estimates; milliseconds are an estimate, its upper end.</p>
<div class="grid">${plots(search)}</div>
${table(
  "Those that came furthest first",
  [{ text: "Student" }, "Validation accuracy", ...heads, { text: "" }],
  trials.map((trial) => ({ mark: trial.isChosen, cells: cellsOf(trial) })),
)}`;
}

function limits({ minAccuracy, maxMilliseconds }: SearchReport): string {
  const said = [
    ...(minAccuracy === null ? [] : [`at least ${percent(minAccuracy)}`]),
    ...(maxMilliseconds === null ? [] : [`at most ${maxMilliseconds} ms`]),
  ];
  return said.length === 0 ? "" : `, ${said.join(", ")}`;
}

function cellsOf(trial: SearchTrialReport): readonly string[] {
  return [
    trial.name,
    percent(trial.validationAccuracy),
    whole(trial.epochs),
    byteSize(trial.flashBytes),
    byteSize(trial.ramBytes),
    whole(trial.macs),
    decimal(trial.milliseconds),
    whole(trial.parameters),
    trial.isChosen ? "chosen" : trial.isOnFront ? "on the front" : "",
  ];
}

function plots({ trials, flashBytes, maxMilliseconds }: SearchReport): readonly Markup[] {
  const plot = (
    costLabel: string,
    cost: (trial: SearchTrialReport) => number,
    limit?: number | null,
  ): Markup => {
    const caption = `Validation accuracy against ${costLabel}`;
    const points = trials.map((trial) => ({
      name: trial.name,
      cost: cost(trial),
      accuracy: trial.validationAccuracy,
      isChosen: trial.isChosen,
    }));
    const widest = Math.max(...points.map((point) => point.cost));
    const shown = typeof limit === "number" && limit <= 1.5 * widest ? { limit } : {};
    return chart(caption, paretoChart(points, { costLabel, ...shown }));
  };
  return [
    plot("flash, KiB", (trial) => trial.flashBytes / 1024, flashBytes / 1024),
    plot("multiply-accumulates, thousands", ({ macs }) => macs / 1000),
    plot("latency, ms, an estimate", ({ milliseconds }) => milliseconds, maxMilliseconds),
  ];
}
