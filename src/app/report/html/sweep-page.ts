/** @file The report of a sweep: table, two axes as a matrix, accuracy against what it costs. */

import type { Interval } from "../../../distill/metrics/index.ts";
import { byteSize, decimal, percent, short, shortSpan, span } from "../numbers.ts";
import { paretoChart } from "../pareto-plot.ts";
import { groupNotes } from "../resampling-words.ts";
import {
  isWhole,
  type SweepPointReport,
  type SweepReport,
  showAxisValue,
} from "../sweep-report.ts";
import {
  convergenceText,
  costed,
  droppedNote,
  epochsText,
  inBrackets,
  summary,
} from "../sweep-text.ts";
import { chart } from "./chart.ts";
import { html, join, type Markup } from "./markup.ts";
import { document } from "./style.ts";
import { table } from "./table.ts";

/** One HTML file that needs nothing else. @returns the same text for the same report */
export function renderSweepHtml(report: SweepReport): string {
  const { title, createdBy, commandLine, seeds, validationSize, validationGroups } = report;
  const [note] = groupNotes(validationGroups, "validation samples");
  const intervals =
    note === undefined
      ? html`, with 95&nbsp;% intervals from
a bootstrap over both.`
      : html`. ${note}`;
  return document(
    `${title}: sweep`,
    html`<header><h1>${title}: sweep</h1>
${summary(report).map((line) => html`<p>${line}</p>`)}
<p class="quiet">Accuracies are of ${validationSize} validation samples and ${seeds.length} seeds${intervals} The best of many points is by luck somewhat better on validation than it is.</p></header>
<main>
<section id="points"><h2>Points</h2>${pointTable(report)}
${droppedNote(report.points).map((line) => html`<p>${line}</p>`)}</section>
${matrix(report)}
${front(report)}
${convergence(report)}
</main>
<footer class="quiet">Made by Potstill ${createdBy.version}: <code>${commandLine}</code></footer>`,
  );
}

function pointTable({ points, axes, best }: SweepReport): Markup {
  const hasScratch = points.some(({ scratch }) => scratch !== null);
  const columns = [
    ...axes.map(({ name }) => name),
    ...["Epochs", "Learning rate", "Validation", "95 % interval", "Behind the best"],
    "Behind the best of its network",
    ...(hasScratch ? ["Over scratch, points"] : []),
    ...["Parameters", "MACs", "Bytes", "p50, ms"],
  ];
  const rows = points.map((point, at) => ({
    mark: at === best,
    cells: [
      ...point.values.map(showAxisValue),
      epochsText(point),
      point.learningRate === null ? "–" : String(point.learningRate),
      ...accuracyCells(point),
      ...(hasScratch ? [interval(point.scratch?.difference)] : []),
      short(point.parameters),
      short(point.macs),
      byteSize(point.bytes),
      decimal(point.latencyMs, 3),
    ],
  }));
  return table(null, columns, rows);
}

function accuracyCells(point: SweepPointReport): readonly string[] {
  const { accuracy, behind, behindOwn, failure } = point;
  if (accuracy === null) return [failure ?? "failed", "–", "–", "–"];
  return [percent(accuracy.mean), span(accuracy, percent), interval(behind), interval(behindOwn)];
}

function interval(found: Interval | null | undefined): string {
  return found === null || found === undefined ? "–" : inBrackets(found);
}

/** The first of two varied axes down, the second across; the best of each column is marked. */
function matrix({ points, axes }: SweepReport): Markup | null {
  const varied = axes.flatMap(({ values }, at) => (values.length > 1 ? [at] : []));
  const [down, across] = varied;
  if (down === undefined || across === undefined || varied.length !== 2) return null;
  const at = (row: unknown, column: unknown): SweepPointReport | undefined =>
    points.find(
      ({ values }) =>
        JSON.stringify(values[down]) === JSON.stringify(row) &&
        JSON.stringify(values[across]) === JSON.stringify(column),
    );
  const bestOf = (column: unknown): number =>
    Math.max(...axes[down]!.values.map((row) => wholeMean(at(row, column)) ?? 0));
  const rows = axes[down]!.values.map((row) => ({
    cells: [
      showAxisValue(row),
      ...axes[across]!.values.map((column): Markup | string => {
        const point = at(row, column);
        if (point === undefined || point.accuracy === null) return "–";
        const { mean } = point.accuracy;
        const text = `${percent(mean)} (${shortSpan(point.accuracy)})`;
        if (!isWhole(point)) return `${text}, ${epochsText(point)} epochs`;
        return mean === bestOf(column) ? html`<strong>${text}</strong>` : text;
      }),
    ],
  }));
  const heads = axes[across]!.values.map(
    (value) => `${axes[across]!.name} ${showAxisValue(value)}`,
  );
  return html`<section id="matrix"><h2>${axes[down]!.name} and ${axes[across]!.name}</h2>
${table(null, [axes[down]!.name, ...heads], rows)}</section>`;
}

/** Of a point that was trained to its end. */
function wholeMean(point: SweepPointReport | undefined): number | undefined {
  return point !== undefined && isWhole(point) ? point.accuracy?.mean : undefined;
}

const costs = [
  ["bytes", "bytes of the ONNX file"],
  ["macs", "multiply-accumulates a sample"],
  ["latencyMs", "latency of a sample, ms"],
] as const;

function front(report: SweepReport): Markup {
  const drawn = plots(report);
  const body =
    drawn.length === 0
      ? html`<p>Nothing to compare: fewer than two points were trained to their end.</p>`
      : html`<div class="grid">${join(drawn)}</div>`;
  return html`<section id="front"><h2>Accuracy against cost</h2>${body}</section>`;
}

function plots({ points, best }: SweepReport): readonly Markup[] {
  return costs.flatMap(([cost, costLabel]) => {
    const drawn = costed(points, cost).map(({ point, ...rest }) => ({
      ...rest,
      name: point.name,
      isChosen: point === points[best],
    }));
    if (drawn.length < 2) return [];
    const spread = Math.max(...drawn.map((p) => p.cost)) / Math.min(...drawn.map((p) => p.cost));
    const caption = `Validation accuracy against ${costLabel}`;
    return [chart(caption, paretoChart(drawn, { costLabel, isLogarithmic: spread > 10 }))];
  });
}

/** When distilled students came to stay at scratch's final accuracy. */
function convergence({ points }: SweepReport): Markup | null {
  const rows = points.flatMap(({ name, scratch }) => {
    if (scratch === null) return [];
    const { accuracy, difference } = scratch;
    return [
      { cells: [name, percent(accuracy.mean), interval(difference), convergenceText(scratch)] },
    ];
  });
  if (rows.length === 0) return null;
  const heads = ["Scratch, validation", "Distilled over scratch, points", "Epochs of scratch’s"];
  const columns = [{ text: "Point" }, ...heads];
  return html`<section id="convergence"><h2>Does the student converge quicker?</h2>
<p>Epochs until a student stays at or above what scratch has after its last epoch, the same seed: distilled, of scratch’s own.</p>
${table(null, columns, rows)}</section>`;
}
