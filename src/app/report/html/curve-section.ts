/** @file Learning curves: validation, and each term of the training loss. */

import { line } from "d3-shape";
import type { CurvePoint } from "../input.ts";
import type { Report } from "../report.ts";
import { chart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { legend, type ModelName, students } from "./models.ts";

/** One value an epoch, of one run. */
interface Curve {
  readonly key: ModelName;
  readonly points: readonly (readonly [epoch: number, value: number])[];
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

function read(report: Report, value: (point: CurvePoint) => number | undefined): Curve[] {
  return students(report).flatMap(({ key, model }) =>
    model.curves.map(({ epochs }) => ({
      key,
      points: epochs.flatMap((point) => {
        const found = value(point);
        return found === undefined ? [] : [[point.epoch, found] as const];
      }),
    })),
  );
}

/**
 * Curves of all runs, one colour an arm, with each arm's mean; also used for the convergence runs.
 */
export function lines(caption: string, curves: readonly Curve[]): Markup {
  const all = curves.flatMap(({ points }) => points);
  const means = [...new Set(curves.map(({ key }) => key))].map((key) => ({
    key,
    points: mean(curves.filter((curve) => curve.key === key)),
  }));
  return chart(caption, {
    x: { values: all.map(([epoch]) => epoch), label: "epoch", isWhole: true },
    y: { values: all.map(([, value]) => value), hasGrid: true },
    marks: (x, y) => {
      const draw = ({ key, points }: Curve): Markup => {
        const path = line()(points.map(([epoch, value]) => [x(epoch), y(value)]));
        return html`<path d="${path}" stroke="var(--${key})"/>`;
      };
      return [
        html`<g fill="none" stroke-linecap="round" stroke-linejoin="round">
<g stroke-width=".8" stroke-opacity=".35">${curves.map(draw)}</g>
<g stroke-width="2.2">${means.map(draw)}</g></g>`,
      ];
    },
  });
}

function mean(curves: readonly Curve[]): Curve["points"] {
  const sums = new Map<number, { total: number; count: number }>();
  for (const [epoch, value] of curves.flatMap(({ points }) => points)) {
    const { total, count } = sums.get(epoch) ?? { total: 0, count: 0 };
    sums.set(epoch, { total: total + value, count: count + 1 });
  }
  return [...sums]
    .map(([epoch, { total, count }]) => [epoch, total / count] as const)
    .sort(([a], [b]) => a - b);
}

/** "softTarget" → "soft target" */
function spaced(name: string): string {
  return name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}
