/** @file Accuracy against cost of many candidates, with their Pareto front, as SVG. */

import { drawSvg, Plot } from "./html/chart.ts";
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
  const { caption, costLabel, accuracyLabel = "validation accuracy, %", limit } = options;
  const drawn = points.map((point) => ({ ...point, accuracy: 100 * point.accuracy }));
  const chosen = drawn.filter(({ isChosen }) => isChosen === true);
  const at = { x: "cost", y: "accuracy" } as const;
  const costs = drawn.map(({ cost }) => cost);
  const middle = (Math.min(...costs) + Math.max(...costs)) / 2;
  const beside = ({ cost }: ParetoPlotPoint) => {
    const [dx, textAnchor] = cost < middle ? ([9, "start"] as const) : ([-9, "end"] as const);
    return { fill: "currentColor", dx, dy: 14, textAnchor };
  };
  const svg = drawSvg(caption, {
    x: {
      label: costLabel,
      type: options.isLogarithmic === true ? "log" : "linear",
      nice: true,
      grid: true,
    },
    y: { label: accuracyLabel, nice: true, grid: true },
    marks: [
      ...(limit === undefined
        ? []
        : [Plot.ruleX([limit], { stroke: ink, strokeDasharray: "4 3" })]),
      Plot.line(paretoFront(drawn), { ...at, stroke: front, curve: "step-after" }),
      Plot.dot(drawn, { ...at, r: 3, stroke: ink }),
      Plot.dot(paretoFront(drawn), { ...at, r: 3, stroke: front, fill: front }),
      Plot.dot(chosen, { ...at, r: 7, stroke: front, strokeWidth: 2 }),
      // beside and below: above is the axis's label, and the line goes up or to the right
      ...chosen.map((point) => Plot.text([point], { ...at, text: "name", ...beside(point) })),
    ],
  });
  return options.isFile === true
    ? svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    : svg;
}
