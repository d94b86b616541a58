/** @file Groups that are drawn whole: exact over all draws, wide where frames are alike. */

import { describe, expect, it } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { bootstrapMean, bootstrapRatio, gainKept, pairedDifference } from "./index.ts";

/** 20 recordings of 100 frames, each recording with an accuracy of its own. */
const recordings = 20;
const groups = Array.from({ length: recordings * 100 }, (_, at) => `walk ${at % recordings}`);
const frames = (name: string, shift: number): Uint8Array => {
  const stream = randomStream("recordings", name);
  const rates = Array.from({ length: recordings }, (_, at) => (at + 0.5) / recordings);
  return Uint8Array.from(groups, (_, at) =>
    Number(stream.uniform() < rates[at % recordings]! + shift),
  );
};
const hits = frames("first", 0);

describe("intervals over groups", () => {
  it("are those over all draws of whole groups, wherever their samples stand", () => {
    const of = ["a", "b", "a", "c", "b", "a", "a"]; // 1 of 4, 1 of 2 and 1 of 1 are right
    const right = [[0, 1, 1, 1, 0, 0, 0]];
    // a group drawn three times, 1 of 27, is more than 2.5 %: the ends are the groups' own shares
    expect(bootstrapMean(right, { groups: of })).toEqual({ mean: 3 / 7, low: 0.25, high: 1 });
    const other = [[1, 1, 1, 1, 1, 1, 0]]; // 3 of 4, 2 of 2 and 1 of 1
    const hitsOf = (rows: number[][]): Uint8Array[] => rows.map((row) => Uint8Array.from(row));
    expect(pairedDifference(hitsOf(other), hitsOf(right), { groups: of })).toEqual({
      mean: 3 / 7,
      low: 0,
      high: 0.5,
    });
    const sizes = [1, 2, 1, 0, 2, 1, 1]; // 4, 4 and 0: of the third there is no share
    const twoOfThree = bootstrapRatio([[0, 2, 1, 0, 0, 0, 0]], sizes, { groups: [...of] });
    expect([twoOfThree.mean, twoOfThree.low]).toEqual([3 / 8, null]);
    const three = bootstrapRatio([[0, 2, 1, 1, 0, 0, 0]], [1, 2, 1, 1, 2, 1, 1], { groups: of });
    expect(three).toEqual({ mean: 4 / 9, low: 0.25, high: 1 });
  });

  it("are as wide as groups differ, with the width of the delta method, and not that of frames", () => {
    const sums = Array.from({ length: recordings }, (_, group) =>
      hits.reduce((sum, hit, at) => sum + (at % recordings === group ? hit : 0), 0),
    );
    const { mean, low, high } = bootstrapMean([hits], { groups });
    expect(mean).toBe(sums.reduce((a, b) => a + b) / 2000);
    const spread = Math.sqrt(sums.reduce((sum, right) => sum + (right - 100 * mean) ** 2, 0));
    const width = (2 * 1.96 * spread) / 2000;
    expect((high! - low!) / width).toBeGreaterThan(0.93); // 2000 resamples: a few per cent
    expect((high! - low!) / width).toBeLessThan(1.07);
    const byFrame = bootstrapMean([hits]);
    expect(byFrame.mean).toBe(mean);
    expect(high! - low!).toBeGreaterThan(5 * (byFrame.high! - byFrame.low!));
  });

  it("are paired: what a recording does to both arms cancels out", () => {
    const other = frames("second", 0.05);
    const { low, high } = pairedDifference([other], [hits], { groups });
    const alone = bootstrapMean([hits], { groups });
    expect(high! - low!).toBeLessThan((alone.high! - alone.low!) / 3);
    expect(low!).toBeGreaterThan(0);
  });

  it("resample seeds beside groups", () => {
    const rows = [hits.map(() => 0), hits.map(() => 1)];
    expect(bootstrapMean(rows, { groups })).toEqual({ mean: 0.5, low: 0, high: 1 });
  });

  it("are the samples' own to the last digit where each is a group of its own", () => {
    const own = Array.from(hits, (_, at) => String(at));
    for (const none of [null, undefined])
      expect(bootstrapMean([hits], { groups: none })).toEqual(bootstrapMean([hits]));
    expect(bootstrapMean([hits], { groups: own })).toEqual(bootstrapMean([hits]));
    const counts = { baseline: [hits], ensemble: frames("e", 0.2), students: [frames("s", 0.1)] };
    expect(gainKept(counts, { groups: own })).toEqual(gainKept(counts));
  });

  it("are none with fewer than three groups, of which the means are given", () => {
    const two = hits.map((_, at) => at % 2);
    const halves = Array.from(two, String);
    const none = { mean: 0.5, low: null, high: null };
    expect(bootstrapMean([two], { groups: halves })).toEqual(none);
    expect(pairedDifference([two], [two.map(() => 0)], { groups: halves })).toEqual(none);
    const counts = { baseline: [two.map(() => 0)], ensemble: two, students: [two] };
    const { ensemble, gain, kept } = gainKept(counts, { groups: halves });
    expect([ensemble, gain, kept]).toEqual([none, none, null]);
  });

  it("refuse groups of other samples", () => {
    expect(() => bootstrapMean([hits], { groups: groups.slice(1) })).toThrowError(
      "bootstrapMean: each unit that is counted must have its group, got 2000 units and 1999 groups.",
    );
    const counts = { baseline: [hits], ensemble: hits, students: [hits] };
    expect(() => gainKept(counts, { groups: ["a"] })).toThrowError("2000 units and 1 groups");
  });
});

describe("the share of a gain over groups", () => {
  it("has intervals over whole groups, of units with sizes too", () => {
    const clear = {
      baseline: [frames("b", -0.2)],
      ensemble: frames("e", 0.3),
      students: [frames("s", 0.2)],
    };
    const [whole, single] = [gainKept(clear, { groups }), gainKept(clear)];
    const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!;
    expect(whole.students.mean).toBe(single.students.mean);
    expect(width(whole.students)).toBeGreaterThan(4 * width(single.students));
    const summed = (row: Uint8Array): number[] =>
      Array.from({ length: recordings }, (_, group) =>
        row.reduce((sum, hit, at) => sum + (at % recordings === group ? hit : 0), 0),
      );
    const byHand = gainKept({
      baseline: clear.baseline.map(summed),
      ensemble: summed(clear.ensemble),
      students: clear.students.map(summed),
      sizes: new Array<number>(recordings).fill(100),
    });
    expect(whole).toEqual(byHand);
    const sizes = hits.map(() => 2);
    const halved = gainKept({ ...clear, sizes }, { groups });
    expect(halved.students.mean).toBeCloseTo(whole.students.mean / 2, 12);
    expect(halved.students.low).toBeCloseTo(whole.students.low! / 2, 12);
  });
});
