/**
 * @file What accuracy does not show: ranking, likelihood, calibration, closeness to the teacher.
 */

import { decimal, percent } from "../numbers.ts";
import type { ModelReport, Report } from "../report.ts";
import { bar, chart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { allModels, students, swatch } from "./models.ts";
import { table } from "./table.ts";

export function qualitySection(report: Report): Markup {
  const matches = new Map(students(report).map(({ key, model }) => [key, model.toTeacher]));
  const { k } = report.models.distilled.test.topK;
  const rows = allModels(report).map(({ key, model: { test } }) => {
    const match = matches.get(key);
    return {
      mark: key === "distilled",
      cells: [
        swatch(key),
        percent(test.topK.k === k ? test.topK.mean : null), // of fewer classes: another k
        decimal(test.negativeLogLikelihood.mean, 4),
        percent(test.calibration.error.mean),
        percent(match?.agreement.mean ?? null),
        decimal(match?.klNats.mean ?? null, 4),
      ],
    };
  });
  const heads = [`Top-${k}`, "NLL, nats", "ECE", "Same class as teacher", "KL to teacher, nats"];
  return html`${table("Test split, means over seeds", [{ text: "Model" }, ...heads], rows)}
<p class="quiet">NLL: negative log-likelihood of the labels. ECE: expected calibration error, 15 equal-width bins, T = 1.
KL: KL(teacher ‖ student) at T = 1${report.models.teacher.isSigmoid ? ", each class by itself and summed over the classes. The teacher’s classes are independent of each other: NLL and ECE take a softmax of logits that were not made for one" : ""}.</p>
<h3>Reliability</h3>
<p>Height of the bars: accuracy of the samples with this confidence. A calibrated model’s bars end at the diagonal;
below it the model is too sure of itself, above it not sure enough. Faint: share of the samples in each bin.</p>
<div class="grid small">${allModels(report).map(({ key, title, model }) => reliability(key, title, model))}</div>`;
}

function reliability(key: string, title: string, { test }: ModelReport): Markup {
  const { bins, error } = test.calibration;
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return chart(`${title}: ECE ${percent(error.mean)}`, {
    width: 260,
    height: 240,
    x: { values: [0, 1], label: "confidence" },
    y: { values: [0, 1], hasGrid: true },
    marks: (x, y) => [
      ...bins.map(({ low, high, accuracy, count }) => {
        const path = (height: number): string => bar(x, y, [low, high], height);
        return html`<path d="${path(count / total)}" fill-opacity=".1"/>
<path d="${path(accuracy ?? 0)}" fill="var(--${key})" fill-opacity=".55"/>`;
      }),
      html`<path d="M${x(0)},${y(0)}L${x(1)},${y(1)}" stroke="currentColor" stroke-dasharray="3 3"/>`,
    ],
  });
}
