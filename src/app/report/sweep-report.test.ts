import { expect, test } from "vitest";
import { renderSweepHtml } from "./html/sweep-page.ts";
import type { SweepInput, SweepPointInput } from "./sweep-input.ts";
import { buildSweepReport } from "./sweep-report.ts";
import { renderSweepTable } from "./sweep-text.ts";

/** 40 validation samples of which the first `count` are correct. */
const correct = (count: number): Uint8Array =>
  Uint8Array.from({ length: 40 }, (_, at) => Number(at < count));

function point(
  temperature: number,
  width: number,
  counts: readonly number[],
  more: Partial<SweepPointInput> = {},
): SweepPointInput {
  return {
    name: `T=${temperature} student.width=${width}`,
    values: [temperature, width],
    student: { family: "mlp", hidden: [width] },
    epochs: 4,
    wholeEpochs: 4,
    learningRate: 0.01,
    parameters: 10 * width,
    macs: 9 * width,
    bytes: 100 * width,
    latencyMs: width / 1000,
    runs: counts.map((count, at) => ({
      seed: at + 1,
      correct: correct(count),
      curve: [0.2, 0.4, 0.6, count / 40],
    })),
    scratch: null,
    failure: null,
    ...more,
  };
}

function input(points: readonly SweepPointInput[], test: SweepInput["test"] = null): SweepInput {
  return {
    title: "grid",
    createdBy: { version: "1", runtime: "r", runtimeVersion: "1", threads: 1 },
    commandLine: "sweep",
    axes: [
      { name: "T", values: [1, 4] },
      { name: "student.width", values: [3, 30] },
    ],
    seeds: [1, 2],
    validationSize: 40,
    points,
    packages: 1,
    test,
  };
}

const grid = [
  point(1, 3, [20, 22]),
  point(1, 30, [36, 36]),
  point(4, 3, [24, 26]),
  point(4, 30, [36, 36]),
];

test("the best has most correct samples, of equal ones the cheapest; others are behind it, pair by pair", () => {
  const tie = [...grid.slice(0, 3), point(4, 30, [36, 36], { macs: 9 })];
  expect(buildSweepReport(input(tie)).best).toBe(3);
  const { best, points } = buildSweepReport(input(grid));
  expect(best).toBe(1);
  expect(points[1]!.behind).toBeNull();
  expect(points[0]!.behind!.mean).toBeCloseTo(-15 / 40, 12); // (20 + 22 − 72) / 80
  expect(points[3]!.behind).toEqual({ mean: 0, low: 0, high: 0 });
  expect([points[0]!.behindOwn!.mean, points[2]!.behindOwn]).toEqual([-0.1, null]);
  expect(points[2]!.accuracy).toMatchObject({ mean: 0.625, perSeed: [0.6, 0.65] });
});

test("points of fewer epochs and failed ones are never the best", () => {
  const early = point(1, 30, [40, 40], { epochs: 1 });
  const failed = point(4, 30, [], { failure: "run/non-finite" });
  const report = buildSweepReport(input([grid[0]!, early, grid[2]!, failed]));
  expect(report.best).toBe(2);
  expect([report.points[1]!.behind, report.points[3]!.accuracy]).toEqual([null, null]);
  expect(renderSweepTable(report)).toContain("run/non-finite");
  expect(() => buildSweepReport(input([failed]))).toThrow(
    "sweep: at least one point must have been trained to its end, got T=4 student.width=30: run/non-finite.",
  );
});

test("what halving dropped is shown with its epochs, compared with nothing, and on no front or plot", () => {
  const early = point(1, 3, [40, 40], { epochs: 1 }); // cheapest and best, if it counted
  const report = buildSweepReport(input([early, ...grid.slice(1)]));
  expect([report.points[0]!.behind, report.points[0]!.behindOwn]).toEqual([null, null]);
  const lines = renderSweepTable(report).split("\n");
  expect(lines[0]).toMatch(/ T +student\.width +epochs +validation /);
  expect(lines[1]).toMatch(/^ +1 +3 +1 of 4 +100\.00 % /);
  expect(lines[1]).not.toContain("front");
  expect(lines[2]).toMatch(/^\* +1 +30 +4 +90\.00 % .* front$/);
  expect(lines[3]).toMatch(/^ +4 +3 +4 +62\.50 % .* front$/);
  expect(lines).toContain(
    "1 point was dropped before the last epoch: compared with no other, and never the best or on the front.",
  );
  const page = renderSweepHtml(report);
  expect(page).toContain("1 point was dropped");
  expect(page).toContain("100.00 % (100.0–100.0), 1 of 4 epochs");
  expect(page).not.toContain("<strong>100.00 %");
  const plots = page.match(/<svg.*?<\/svg>/gs)!;
  expect(plots).toHaveLength(3);
  // three points, all on the front, and the best's ring; with the dropped one on the front 4 + 1 +
  // 1
  for (const plot of plots) expect(plot.match(/<circle/g)).toHaveLength(3 + 3 + 1);
  expect(renderSweepTable(buildSweepReport(input(grid)))).not.toMatch(/epochs|dropped/);
  const alone = buildSweepReport(input([early, grid[1]!]));
  expect(renderSweepHtml(alone)).toContain("fewer than two points were trained to their end");
  expect(alone.points[0]!.behindOwn).toBeNull();
});

test("an axis over epochs: each point is trained to its own end, and all are compared", () => {
  const short = point(1, 30, [38, 38], { epochs: 2, wholeEpochs: 2 });
  const { best, points } = buildSweepReport(input([short, grid[3]!]));
  expect(best).toBe(0);
  expect(points[1]!.behind!.mean).toBeCloseTo(-2 / 40, 12);
});

test("convergence: the epoch from which each stays at scratch's final accuracy", () => {
  const scratch = [0.1, 0.45, 0.4, 0.5].map((last, at) => [0.3, 0.5, 0.4, last][at]!);
  const runs = [{ seed: 1, correct: correct(20), curve: scratch }];
  const { points } = buildSweepReport(input([point(1, 3, [36], { scratch: runs })]));
  expect(points[0]!.scratch!.convergence).toEqual([
    { seed: 1, target: 0.5, distilledEpoch: 3, scratchEpoch: 4 },
  ]);
  expect(points[0]!.scratch!.difference.mean).toBeCloseTo(0.4, 12);
});

test("table and page say what was chosen, and whether the test split was looked at", () => {
  const report = buildSweepReport(input(grid));
  const table = renderSweepTable(report);
  expect(table).toContain(
    "Best on validation: T=1 student.width=30, 90.00 %. 4 points, 1 soft-label package",
  );
  expect(table).toContain("The test split was not looked at.");
  const tested = buildSweepReport(
    input(grid, { correct: [correct(35), correct(35)], scratch: [correct(30), correct(30)] }),
  );
  expect(renderSweepTable(tested)).toContain("It on the test split, once: 87.50 %");
  expect(tested.test!.difference!.mean).toBeCloseTo(0.125, 12);
  const page = renderSweepHtml(report);
  expect(page).toContain("T and student.width");
  expect(page.match(/<svg/g)).toHaveLength(3);
});

test("samples that belong together: intervals over groups, and too few of them", () => {
  const apart = Array.from({ length: 40 }, (_, at) => String(at % 8));
  const blocks = Array.from({ length: 40 }, (_, at) => String(Math.floor(at / 4))); // 10 groups
  const by = (validationGroups: readonly string[] | null) =>
    buildSweepReport({ ...input(grid), validationGroups });
  const [none, few, whole] = [by(null), by(apart), by(blocks)];
  expect(none).toEqual(buildSweepReport(input(grid)));
  // a group is right or wrong as a whole: the interval is √4 times as wide as over samples
  const width = ({ points }: typeof none): number => {
    const { low, high } = points[0]!.accuracy!;
    return high! - low!;
  };
  expect(width(whole) / width(none)).toBeGreaterThan(1.6);
  expect(whole.points[0]!.behind!.low!).toBeLessThan(none.points[0]!.behind!.low!);
  expect(width(few)).toBeLessThan(width(whole)); // each of its groups is like the others
  const said = (report: typeof none, words: string): void => {
    for (const text of [renderSweepTable(report), renderSweepHtml(report)])
      expect(text.replace(/\s+/g, " ").replaceAll("&nbsp;", " ")).toContain(words);
  };
  said(
    whole,
    "95 % intervals are over seeds and 10 groups of validation samples, such as speakers",
  );
  const halves = Array.from({ length: 40 }, (_, at) => String(at % 2));
  const tested = buildSweepReport({
    ...input(grid, { correct: [correct(35)], scratch: [correct(30)], groups: halves }),
    validationGroups: halves,
  });
  expect(tested.points[0]!.behind).toMatchObject({ low: null, high: null });
  expect(tested.test!.difference).toMatchObject({ mean: 0.125, low: null });
  said(
    tested,
    "The validation samples belong to 2 groups, such as speakers or recordings: too few",
  );
  said(tested, "The test samples belong to 2 groups, such as speakers or recordings: too few");
  for (const text of [renderSweepTable(tested), renderSweepHtml(tested)])
    expect(/undefined|NaN|null| clear/.exec(text)).toBeNull();
});

test("a report of a sweep from before groups were told is shown as it was", () => {
  const report = buildSweepReport(input(grid, { correct: [correct(35)], scratch: [correct(30)] }));
  const { validationGroups: _, test: own, ...older } = report;
  const { groups: __, ...test } = own!;
  const read = JSON.parse(JSON.stringify({ ...older, test })) as typeof report;
  expect(renderSweepTable(read)).toBe(renderSweepTable(report));
  expect(renderSweepHtml(read)).toBe(renderSweepHtml(report));
});
