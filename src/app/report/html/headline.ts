/** @file What one wants to know first: did it help, how good is each model, how small. */

import { byteSize, decimal, percent, points, short, shortSpan } from "../numbers.ts";
import type { Comparison, Report } from "../report.ts";
import { groupNotes } from "../resampling-words.ts";
import { teacherNotes } from "../teacher-classes.ts";
import { chart, Plot } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { allModels, modelColors, modelTitles, swatch } from "./models.ts";
import { table } from "./table.ts";

export function headline(report: Report): Markup {
  const { verdict, data, seeds } = report;
  const [lead, rest] = splitAtColon(verdict.sentence);
  return html`<header>
<p class="kicker">Distillation report · ${data.name} · ${seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`}</p>
<h1>${report.title}</h1>
<p class="verdict ${verdict.outcome}"><strong>${lead}.</strong> ${rest}</p>
</header>
${modelTable(report)}
${[...groupNotes(report.testGroups), ...teacherNotes(report)].map((note) => html`<p class="quiet">${note}</p>\n`)}<div class="grid">${accuracyChart(report)}${differenceChart(report)}</div>`;
}

function splitAtColon(sentence: string): readonly [string, string] {
  const [lead = "", ...rest] = sentence.split(": ");
  const text = rest.join(": ");
  return [lead, text.charAt(0).toUpperCase() + text.slice(1)];
}

function modelTable(report: Report): Markup {
  const columns = [
    { head: "Model", kind: "text" as const },
    ...["Accuracy", "95 % interval", "Errors", "Parameters", "MACs", "Size", "Smaller by"].map(
      (head) => ({ head }),
    ),
    { head: "Latency p50 / p95, ms" },
  ];
  const rows = allModels(report).map(({ key, model }) => {
    const { accuracy, errors } = model.test;
    return {
      mark: key === "distilled",
      cells: [
        swatch(key),
        percent(accuracy.mean),
        accuracy.low === null ? "–" : `${shortSpan(accuracy)} %`,
        decimal(errors.mean, 1),
        short(model.parameters),
        short(model.macs),
        byteSize(model.bytes),
        model.compressionRatio === null ? "–" : `${decimal(model.compressionRatio, 1)}×`,
        model.latencyMs === null
          ? "–"
          : `${decimal(model.latencyMs.p50, 3)} / ${decimal(model.latencyMs.p95, 3)}`,
      ],
    };
  });
  return table(`Test split, ${report.data.testSize} samples, means over seeds`, columns, rows);
}

function accuracyChart(report: Report): Markup {
  const models = allModels(report);
  const means = models.map(({ title, model }) => ({ title, ...model.test.accuracy }));
  const seeds = models.flatMap(({ title, model }) =>
    model.test.accuracy.perSeed.map((accuracy) => ({ title, accuracy })),
  );
  return chart("Test accuracy: mean, 95 % interval, and each seed", {
    height: 72 + 34 * models.length,
    marginLeft: 168,
    color: modelColors,
    x: { percent: true, label: "accuracy, %", grid: true, nice: true },
    y: { label: null, domain: models.map(({ title }) => title) },
    marks: [
      Plot.ruleY(
        means.filter(({ low }) => low !== null),
        { x1: "low", x2: "high", y: "title", stroke: "title", strokeWidth: 2 },
      ),
      Plot.tickX(seeds, { x: "accuracy", y: "title", stroke: "title", opacity: 0.45, inset: 6 }),
      Plot.dot(means, { x: "mean", y: "title", fill: "title", r: 5 }),
    ],
  });
}

/** Each comparison with what the distilled student is compared to. */
export function comparisonsOf({
  comparisons,
}: Report): readonly (Comparison & { title: string })[] {
  const listed = [
    ["scratch", comparisons.distilledVsScratch],
    ["scratchAugmented", comparisons.distilledVsScratchAugmented],
    ["scratchSmoothed", comparisons.distilledVsScratchSmoothed],
  ] as const;
  return listed.flatMap(([key, comparison]) =>
    comparison === null ? [] : [{ title: `vs ${modelTitles[key].toLowerCase()}`, ...comparison }],
  );
}

function differenceChart(report: Report): Markup | null {
  const rows = comparisonsOf(report);
  if (rows.length === 0) return null;
  return chart("Distilled minus each baseline: paired difference with 95 % interval", {
    height: 72 + 44 * rows.length,
    marginLeft: 182,
    marginRight: 50,
    marginTop: 22,
    x: { transform: (d: number) => d * 100, label: "percentage points", grid: true, nice: true },
    y: { label: null, domain: rows.map(({ title }) => title) },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor", strokeDasharray: "3 3" }),
      Plot.ruleY(
        rows.filter(({ low }) => low !== null),
        {
          x1: "low",
          x2: "high",
          y: "title",
          stroke: "var(--distilled)",
          strokeWidth: 2,
        },
      ),
      Plot.dot(rows, { x: "diff", y: "title", fill: "var(--distilled)", r: 5 }),
      Plot.text(rows, {
        x: "diff",
        y: "title",
        text: (row: Comparison) => points(row.diff),
        dy: -13,
      }),
    ],
  });
}
