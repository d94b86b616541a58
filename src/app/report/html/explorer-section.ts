/** @file Soft labels: what the teacher thinks of single samples, and what storing it costs. */

import { byteSize, decimal, percent } from "../numbers.ts";
import type { ExplorerEntry, Report } from "../report.ts";
import { bar, chart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/**
 * Bars beyond these are not told apart: only the classes most probable at the highest temperature
 * are drawn.
 */
const mostBars = 12;

/** @returns null where there is neither a sample nor a precision to show */
export function explorerSection({ explorer, softLabels, data, models }: Report): Markup | null {
  if (explorer.length === 0 && softLabels === null) return null;
  const samples =
    explorer.length === 0
      ? null
      : html`<p>${models.teacher.isSigmoid ? "The teacher’s opinion of single samples, each class by itself, σ(logits / T)" : "The teacher’s distribution for single samples, softmax(logits / T)"}, at rising temperatures: the higher T,
the more of its opinion on the other classes shows. The label’s bar is dark.</p>
<div class="grid">${explorer.map((entry) => sample(entry, models.teacher.classes?.names ?? data.classNames))}</div>`;
  const heads = ["Size", "Student accuracy", "Student’s KL to teacher, nats"];
  const precision =
    softLabels &&
    table(
      "Precision of the stored soft labels: one student each, with the first seed",
      [{ text: "Stored as" }, ...heads, "Stored labels’ own KL, nats"],
      softLabels.map(({ precision, bytes, studentAccuracy, studentKlNats, klNats }) => ({
        cells: [
          precision,
          byteSize(bytes),
          percent(studentAccuracy),
          decimal(studentKlNats, 4),
          klNats === 0 ? "0" : klNats.toExponential(1).replace("-", "−"),
        ],
      })),
    );
  return html`${samples}${precision}`;
}

function sample({ image, label, distributions }: ExplorerEntry, names: readonly string[]): Markup {
  const softest = distributions.at(-1)?.probabilities ?? [];
  const order = names.map((_, c) => c).sort((a, b) => softest[b]! - softest[a]!);
  const kept = order.slice(0, mostBars).sort((a, b) => a - b);
  const wide = kept.length + 1;
  const first = distributions[0]?.probabilities ?? [];
  const best = first.indexOf(Math.max(...first));
  const caption = `${label === null ? "No label" : `Label ${label}`}; teacher at T = 1: ${names[best]} ${percent(first[best] ?? null, 1)}`;
  const drawn = chart(caption, {
    height: 110,
    x: {
      values: [-0.5, distributions.length * wide - 1.5],
      ticks: distributions.map(({ temperature }, at) => ({
        at: at * wide + (wide - 2) / 2,
        text: `T = ${temperature}`,
      })),
    },
    y: { values: [0, 1] },
    marks: (x, y) =>
      distributions.map(({ probabilities }, at) => {
        const from = at * wide - 0.5;
        const bars = kept.map((c, i) => {
          const path = bar(x, y, [from + i, from + i + 1], probabilities[c]!);
          const color = names[c] === label ? "ink" : "teacher";
          return html`<path d="${path}" fill="var(--${color})" fill-opacity=".8"/>`;
        });
        return html`${bars}<path d="M${x(from)},${y(0)}H${x(from + kept.length)}" stroke="currentColor"/>`;
      }),
  });
  const picture = image === null ? null : html`<img src="${image}" alt="">`;
  return html`<div class="sample">${picture}${drawn}</div>`;
}
