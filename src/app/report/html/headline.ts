/** @file What one wants to know first: did it help, how good is each model, how small. */

import type { Interval } from "../../../distill/metrics/index.ts";
import { byteSize, decimal, percent, points, short, shortSpan } from "../numbers.ts";
import type { Report } from "../report.ts";
import { groupNotes } from "../resampling-words.ts";
import { teacherNotes } from "../teacher-classes.ts";
import { chart, named, type Place, text } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { allModels, comparisonsOf, modelTitles, swatch } from "./models.ts";
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
  const heads = ["Accuracy", "95 % interval", "Errors", "Parameters", "MACs", "Size", "Smaller by"];
  const columns = [{ text: "Model" }, ...heads, "Latency p50 / p95, ms"];
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
  const all = models.map(({ model }) => model.test.accuracy);
  return chart("Test accuracy: mean, 95 % interval, and each seed", {
    height: 72 + 34 * models.length,
    x: { values: all.flatMap(inPercent), label: "accuracy, %", hasGrid: true },
    y: named(models.map(({ title }) => title)),
    marks: (x, y) =>
      models.map(({ key, model: { test } }, row) => {
        const seeds = test.accuracy.perSeed.map((share) => `M${x(100 * share)},${y(row) - 11}v22`);
        return html`<g stroke="var(--${key})"><path d="${seeds.join("")}" stroke-opacity=".45"/>
${intervalMark(test.accuracy, x, y(row), key)}</g>`;
      }),
  });
}

type Row = Interval & { readonly perSeed: readonly number[] };

function inPercent({ mean, low, high, perSeed }: Row): readonly number[] {
  return [mean, low ?? mean, high ?? mean, ...perSeed].map((share) => 100 * share);
}

function intervalMark({ mean, low, high }: Interval, x: Place, y: number, key: string): Markup {
  const ends = `M${x(100 * (low ?? mean))},${y}H${x(100 * (high ?? mean))}`;
  return html`<path d="${ends}" stroke="var(--${key})" stroke-width="2"/>
<circle cx="${x(100 * mean)}" cy="${y}" r="5" fill="var(--${key})"/>`;
}

function differenceChart(report: Report): Markup | null {
  const rows = comparisonsOf(report).map(({ diff, ...row }) => ({ ...row, mean: diff }));
  if (rows.length === 0) return null;
  return chart("Distilled minus each baseline: paired difference with 95 % interval", {
    height: 72 + 44 * rows.length,
    x: { values: [0, ...rows.flatMap(inPercent)], label: "percentage points", hasGrid: true },
    y: named(rows.map(({ key }) => `vs ${modelTitles[key].toLowerCase()}`)),
    marks: (x, y, { top, bottom }) => [
      html`<path d="M${x(0)},${top}V${bottom}" stroke="currentColor" stroke-dasharray="3 3"/>`,
      ...rows.map((row, at) => intervalMark(row, x, y(at), "distilled")),
      ...rows.map(({ mean }, at) => text(points(mean), [x(100 * mean), y(at) - 10])),
    ],
  });
}
