/** @file Accuracy against cost of many candidates, with their Pareto front, as SVG. */

import { curveStepAfter, line } from "d3-shape";
import {
  atEnd,
  atStart,
  type ChartOptions,
  chartWidth,
  drawSvg,
  shorten,
  text,
} from "./html/chart.ts";
import { html, type Markup } from "./html/markup.ts";
import { type ParetoPoint, paretoFront } from "./pareto-front.ts";

export interface ParetoPlotPoint extends ParetoPoint {
  /** the one that was taken; drawn larger and with its name */
  readonly isChosen?: boolean;
}

export interface ParetoPlotOptions {
  /** read by those who cannot see it: "Accuracy against flash" */
  readonly caption: string;
  /** of the horizontal axis: "flash, KiB" */
  readonly costLabel: string;
  /** default "validation accuracy, %" */
  readonly accuracyLabel?: string;
  /** costs over many orders of magnitude: a logarithmic axis; costs must be > 0. Default false */
  readonly isLogarithmic?: boolean;
  /** with the namespace that a file of its own needs; default false, for a page */
  readonly isFile?: boolean;
  /** a limit of the cost, drawn as a vertical line */
  readonly limit?: number;
}

/** Fallbacks for where the report's style sheet is not: a file of its own. */
const [ink, front] = ["var(--quiet, #66645f)", "var(--distilled, #0a6fb3)"];

/**
 * @returns a whole `<svg>`; the points that no other beats are joined by a line
 */
export function paretoPlot(points: readonly ParetoPlotPoint[], options: ParetoPlotOptions): string {
  const { markup } = drawSvg(options.caption, paretoChart(points, options));
  return options.isFile === true
    ? markup.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    : markup;
}

/** What {@link paretoPlot} draws. */
export function paretoChart(
  points: readonly ParetoPlotPoint[],
  options: Omit<ParetoPlotOptions, "caption" | "isFile">,
): ChartOptions {
  const { costLabel, accuracyLabel = "validation accuracy, %", isLogarithmic = false } = options;
  const limits = options.limit === undefined ? [] : [options.limit];
  const costs = [...points.map(({ cost }) => cost), ...limits];
  const accuracies = points.map(({ accuracy }) => 100 * accuracy);
  return {
    x: { values: costs, label: costLabel, hasGrid: true, isLogarithmic },
    y: { values: accuracies, label: accuracyLabel, hasGrid: true },
    marks: (x, y, { top, bottom }) => {
      const at = ({ cost, accuracy }: ParetoPoint): [number, number] => [
        x(cost),
        y(100 * accuracy),
      ];
      const dots = (r: number, of: readonly ParetoPoint[]): readonly Markup[] =>
        of.map(at).map(([cx, cy]) => html`<circle cx="${cx}" cy="${cy}" r="${r}"/>`);
      const unbeaten = paretoFront(points);
      const chosen = points.filter(({ isChosen }) => isChosen === true);
      const path = line().curve(curveStepAfter)(unbeaten.map(at));
      const ends = limits.map((cost) => `M${x(cost)},${top}V${bottom}`).join("");
      return [
        html`<path d="${ends}" stroke="${ink}" stroke-dasharray="4 3"/>
<g fill="none" stroke="${ink}" stroke-width="1.5">${dots(3, points)}</g>
<g fill="none" stroke="${front}" stroke-width="1.5"><path d="${path}"/>
<g fill="${front}">${dots(3, unbeaten)}</g><g stroke-width="2">${dots(7, chosen)}</g></g>`,
        ...chosen.map((point) => nameBeside(point.name, at(point), bottom)),
      ];
    },
  };
}

/** Towards the middle and, if there is room, below: the line goes up or to the right. */
function nameBeside(name: string, [x, y]: readonly [number, number], bottom: number): Markup {
  const [dx, anchor] = x < chartWidth / 2 ? ([9, atStart] as const) : ([-9, atEnd] as const);
  return text(shorten(name, 30), [x + dx, y + 24 > bottom ? y - 10 : y + 18], anchor);
}
