/** @file Learning curves: validation, and each term of the training loss. */

import type { CurvePoint } from "../input.ts";
import type { Report } from "../report.ts";
import { chart, Plot } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { legend, modelColors, students } from "./models.ts";

/** One value of one epoch of one run. */
interface Reading {
  readonly title: string;
  readonly run: string;
  readonly epoch: number;
  readonly value: number;
}

/** @returns null where no epochs were recorded */
export function curveSection(report: Report): Markup | null {
  const epochs = students(report).flatMap(({ model }) => model.curves.flatMap((c) => c.epochs));
  if (epochs.length === 0) return null;
  const terms = [...new Set(epochs.flatMap(({ train }) => Object.keys(train)))];
  const drawn = [
    lines(
      "Validation accuracy, %",
      read(report, (p) => 100 * p.validationAccuracy),
    ),
    lines(
      "Validation loss: negative log-likelihood, nats",
      read(report, (p) => p.validationLoss),
    ),
    ...terms.map((term) =>
      lines(
        term === "loss"
          ? "Training loss: the sum of the weighted terms"
          : `Training loss, term ${spaced(term)}, before its weight`,
        read(report, ({ train }) => train[term]),
      ),
    ),
  ];
  return html`<p>Thick lines are means over seeds, thin ones single seeds.</p>
${legend(students(report).map(({ key }) => key))}<div class="grid">${drawn}</div>`;
}

function read(report: Report, value: (point: CurvePoint) => number | undefined): Reading[] {
  return students(report).flatMap(({ title, model }) =>
    model.curves.flatMap(({ seed, epochs }) =>
      epochs.flatMap((point) => {
        const found = value(point);
        const run = `${title} ${seed}`;
        return found === undefined ? [] : [{ title, run, epoch: point.epoch, value: found }];
      }),
    ),
  );
}

/**
 * Curves of all runs, one colour an arm, with each arm's mean; also used for the convergence runs.
 */
export function lines(caption: string, readings: readonly Reading[]): Markup {
  const marks = [
    Plot.lineY(readings, {
      x: "epoch",
      y: "value",
      z: "run",
      stroke: "title",
      strokeWidth: 0.8,
      strokeOpacity: 0.35,
    }),
    Plot.lineY(
      readings,
      Plot.groupX(
        { y: "mean" },
        { x: "epoch", y: "value", z: "title", stroke: "title", strokeWidth: 2.2 },
      ),
    ),
  ];
  return chart(caption, {
    color: modelColors,
    x: { label: "epoch", type: "linear", ticks: 6, tickFormat: "d" },
    y: { label: null, grid: true, nice: true },
    marks,
  });
}

/** "softTarget" → "soft target" */
function spaced(name: string): string {
  return name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}
