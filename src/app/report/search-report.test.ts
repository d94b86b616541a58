/** @file The search for the student in report.json, on the page and on the card. */

import { expect, test } from "vitest";
import type { SearchResult } from "../../distill/index.ts";
import { buildReport, parseReport, renderCard, renderHtml } from "./index.ts";
import { madeUpRun } from "./report.cases.ts";

const trial = (hidden: number, validationAccuracy: number, rung: number) => ({
  name: `mlp-${hidden}`,
  spec: { family: "mlp", hidden: [hidden] } as const,
  parameters: 207 * hidden,
  macs: 206 * hidden,
  flashBytes: 8704 + 210 * hidden,
  ramBytes: 1300 + hidden,
  milliseconds: 0.01 * hidden,
  rung,
  epochs: 5 ** (1 + rung),
  validationAccuracy,
});

const search: SearchResult = {
  budget: {
    name: "blue-pill",
    flashBytes: 32768,
    ramBytes: 20480,
    path: "portable",
    overhead: { flashBytes: 8704, ramBytes: 1040 },
    millisecondsPerMac: 1e-4,
  },
  minAccuracy: 0.9,
  maxMilliseconds: 0.4,
  rungs: [
    { count: 4, epochs: 5 },
    { count: 1, epochs: 25 },
  ],
  tooLarge: 3,
  trials: [trial(32, 0.95, 1), trial(64, 0.93, 0), trial(16, 0.91, 0), trial(24, 0.9, 0)],
  chosen: 0,
};

const report = buildReport({ ...madeUpRun(), search });

test("report.json has every trial, and says which no other beats", () => {
  const read = parseReport(JSON.parse(JSON.stringify(report)), "report.json");
  expect(read.search).toMatchObject({ board: "blue-pill", flashBytes: 32768, tooLarge: 3 });
  expect(
    read.search!.trials.map(({ name, isChosen, isOnFront }) => [name, isChosen, isOnFront]),
  ).toEqual([
    ["mlp-32", true, true],
    ["mlp-64", false, false], // larger and worse than mlp-32
    ["mlp-16", false, true],
    ["mlp-24", false, false], // larger and worse than mlp-16
  ]);
});

test("the page has a table and three plots: flash, multiply-accumulates, latency", () => {
  const page = renderHtml(report);
  const [, section = ""] = page.split('id="search"');
  const [own = ""] = section.split("<section");
  expect(own.match(/<svg/g)).toHaveLength(3);
  for (const cost of ["flash, KiB", "multiply-accumulates, thousands", "latency, ms, an estimate"])
    expect(own).toContain(`Validation accuracy against ${cost}`);
  expect(own).toContain("at least 90.00 %, at most 0.4 ms");
  expect(own).toContain("4 for 5 epochs, 1 for 25 epochs");
  expect(own).toMatch(/class="mark"><th[^>]*>mlp-32/);
});

test("the card has the front, cheapest first, with the choice marked", () => {
  const card = renderCard(report);
  const rows = card.split("\n").filter((line) => /^[* ] mlp-/.test(line));
  expect(rows.map((row) => row.slice(0, 8))).toEqual(["  mlp-16", "* mlp-32"]);
  expect(rows[1]).toMatch(/95\.00 % +25 +15\.1 KiB +1\.3 KiB +6\.59 k +0\.3/);
});

test("a report without a search says nothing of it", () => {
  const without = buildReport(madeUpRun());
  expect(without.search).toBeNull();
  expect(renderHtml(without)).not.toContain('id="search"');
  expect(renderCard(without)).not.toContain("Searched");
});
