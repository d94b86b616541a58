/** @file The Pareto front and its plot. */

import { describe, expect, it } from "vitest";
import { paretoFront, paretoPlot } from "./index.ts";

const points = [
  { name: "large", cost: 40, accuracy: 0.9 },
  { name: "wasteful", cost: 50, accuracy: 0.9 },
  { name: "small", cost: 10, accuracy: 0.7 },
  { name: "worse", cost: 20, accuracy: 0.6 },
  { name: "medium", cost: 20, accuracy: 0.8 },
];

describe("paretoFront", () => {
  it("has what no other beats, cheapest first", () => {
    expect(paretoFront(points).map(({ name }) => name)).toEqual(["small", "medium", "large"]);
  });

  it("keeps equal points and is empty for none", () => {
    expect(paretoFront([points[0]!, points[0]!])).toHaveLength(2);
    expect(paretoFront([])).toEqual([]);
  });
});

describe("paretoPlot", () => {
  const svg = paretoPlot(
    points.map((point) => ({ ...point, isChosen: point.name === "medium" })),
    { caption: "Accuracy < cost", costLabel: "flash, KiB", limit: 45, isFile: true },
  );

  it("is an SVG of its own with its caption", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img"/);
    expect(svg).toContain('aria-label="Accuracy &lt; cost"');
    expect(svg).toMatch(/<\/svg>$/);
  });

  it("writes the name towards the middle, so that it stays inside", () => {
    const named = (chosen: string): string =>
      paretoPlot(
        points.map((point) => ({ ...point, isChosen: point.name === chosen })),
        { caption: "c", costLabel: "flash" },
      );
    expect(named("small")).toMatch(/text-anchor="start"[^>]*>small</);
    expect(named("large")).toMatch(/text-anchor="end"[^>]*>large</);
  });

  it("writes the name above a point at the bottom, clear of the axis", () => {
    const named = points.map((point) => ({ ...point, isChosen: point.name === "worse" }));
    const plot = paretoPlot(named, { caption: "c", costLabel: "flash" });
    const [, y] = /y="([^"]+)"[^>]*>worse</.exec(plot)!;
    const [, axis] = /cy="([^"]+)" r="7"/.exec(plot)!;
    expect(Number(y)).toBeLessThan(Number(axis));
  });

  it("has room around equal points, short texts for large costs, and axes even of nothing", () => {
    const [large] = points;
    const same = paretoPlot([{ ...large!, cost: 5e6 }], { caption: "c", costLabel: "bytes" });
    for (const tick of ["4.6M", "5.4M", "80", "90", "100"]) expect(same).toContain(`>${tick}<`);
    for (const isLogarithmic of [true, false])
      expect(paretoPlot([], { caption: "c", costLabel: "", isLogarithmic })).toContain(">2.0<");
  });

  it("draws every point, those of the front once more, and names the chosen one", () => {
    expect(svg.match(/<circle/g)).toHaveLength(5 + 3 + 1);
    expect(svg).toContain(">medium<");
    expect(svg).not.toContain(">large<");
  });
});
