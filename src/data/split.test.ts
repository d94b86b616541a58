import fc from "fast-check";
import { expect, test } from "vitest";
import { arrayDataset, subset } from "./array-dataset.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";
import { assertDisjoint, withoutDuplicates } from "./duplicates.ts";
import { type Split, splitDataset } from "./split.ts";
import { withTeacherInputs } from "./teacher-inputs.ts";
import { type TimeSeries, windowedDataset } from "./windows.ts";
import { withTransfer } from "./with-transfer.ts";

/** Sample i holds values[i]; equal values are identical samples. */
function datasetOf(
  values: readonly number[],
  labels: readonly number[],
  groups?: string[],
): Dataset {
  return arrayDataset({
    name: "made",
    dtype: "float32",
    shape: [1],
    data: Float32Array.from(values),
    labels,
    classNames: ["a", "b", "c", "d"],
    ...(groups === undefined ? {} : { groups }),
  });
}

function keysOf(dataset: Dataset): string[] {
  return Array.from({ length: dataset.length }, (_, index) => dataset.key(index));
}

function parts({ train, validation, test: held }: Split): Dataset[] {
  return held === undefined ? [train, validation] : [train, validation, held];
}

function count(dataset: Dataset, label: number): number {
  return dataset.labels.filter((l) => l === label).length;
}

const labelled = fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 12, maxLength: 80 });
const fractions = fc.tuple(
  fc.integer({ min: 10, max: 40 }).map((n) => n / 100),
  fc.option(fc.integer({ min: 10, max: 40 }).map((n) => n / 100)),
);

test("by sample: parts are a partition of exact sizes, each class within one of its share", () => {
  fc.assert(
    fc.property(labelled, fractions, fc.nat(), (labels, [validation, test], seed) => {
      const known = labels.filter((label) => label !== UNLABELLED).length;
      fc.pre(known >= 10 || known === 0); // a part of at least one sample
      const judged = known === 0 ? labels.length : known;
      const dataset = datasetOf([...labels.keys()], labels);
      const options = { seed, validation, ...(test === null ? {} : { test }) };
      const split = splitDataset(dataset, options);
      const all = parts(split).flatMap(keysOf);
      expect(all.toSorted()).toEqual(keysOf(dataset).toSorted());
      assertDisjoint({ ...split });
      expect(split.validation.length).toBe(Math.round(judged * validation));
      if (test !== null) expect(split.test?.length).toBe(Math.round(judged * test));
      for (const label of known === 0 ? [UNLABELLED] : [0, 1, 2])
        expect(
          Math.abs(count(split.validation, label) - count(dataset, label) * validation),
        ).toBeLessThan(1 + 1e-9); // share of a class, rounded up or down
      if (known > 0) for (const part of parts(split).slice(1)) expect(count(part, -1)).toBe(0);
      expect(splitDataset(dataset, options).train.hash()).toBe(split.train.hash());
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("shares are rounded by largest remainder, never past what another part has taken", () => {
  const labels = [0, 1, 2, ...Array(9).fill(3)]; // exact shares 0.4, 0.4, 0.4 and 3.6 of 5
  const split = splitDataset(datasetOf([...labels.keys()], labels), {
    seed: 1,
    validation: 0.4,
    test: 0.4,
  });
  for (const part of [split.validation, split.test!])
    expect([part.length, count(part, 3)]).toEqual([5, 4]);
});

test("another seed gives another split", () => {
  const dataset = datasetOf([...Array(60).keys()], Array(60).fill(0));
  const hash = (seed: number): string =>
    splitDataset(dataset, { seed, validation: 0.5 }).validation.hash();
  expect(new Set([1, 2, 3, 4].map(hash)).size).toBe(4);
});

test("by group: no group on two sides, sizes as near as whole groups allow", () => {
  const grouped = fc.array(fc.integer({ min: 0, max: 19 }), { minLength: 60, maxLength: 120 });
  fc.assert(
    fc.property(grouped, fc.nat(), (members, seed) => {
      fc.pre(new Set(members).size > 10);
      const groups = members.map((group) => `speaker ${group}`);
      const dataset = datasetOf(
        [...members.keys()],
        members.map(() => 0),
        groups,
      );
      const split = splitDataset(dataset, { seed, validation: 0.2, test: 0.2, by: "group" });
      const sides = parts(split).map((part) => new Set(part.groups));
      const everywhere = sides.reduce((sum, side) => sum + side.size, 0);
      expect(everywhere).toBe(new Set(groups).size);
      expect(parts(split).reduce((sum, part) => sum + part.length, 0)).toBe(members.length);
      const largest = Math.max(...members.map((g) => members.filter((m) => m === g).length));
      expect(split.validation.length).toBeLessThanOrEqual(members.length * 0.2 + largest);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test("by group: of a group that is drawn only labelled samples are in a part, and none elsewhere", () => {
  const labels = Array.from({ length: 120 }, (_, at) => (at % 3 === 0 ? at % 2 : UNLABELLED));
  const groups = labels.map((_, at) => `speaker ${Math.floor(at / 12)}`);
  groups.fill("nobody", 108); // a group without any label
  labels.fill(UNLABELLED, 108);
  const dataset = datasetOf([...labels.keys()], labels, groups);
  for (let seed = 0; seed < 10; seed++) {
    const split = splitDataset(dataset, { seed, validation: 0.2, test: 0.2, by: "group" });
    const [train, ...judged] = parts(split);
    for (const part of judged) {
      expect(part.labels).not.toContain(UNLABELLED);
      expect(part.length).toBe(8); // two groups of four labels: 0.2 of 36 is 7.2
    }
    expect(train!.length).toBe(5 * 12 + 12);
    expect(train!.groups).toContain("nobody");
    const held = new Set(judged.flatMap((part) => part.groups!));
    expect(train!.groups!.some((group) => held.has(group))).toBe(false);
  }
});

test("data that have groups are split by them unless samples are asked for", () => {
  const groups = Array.from({ length: 60 }, (_, at) => `speaker ${at % 6}`);
  const dataset = datasetOf([...groups.keys()], Array(60).fill(0), groups);
  const sides = (by: { by?: "sample" }): number =>
    parts(splitDataset(dataset, { seed: 1, validation: 0.3, ...by })).reduce(
      (sum, part) => sum + new Set(part.groups).size,
      0,
    );
  expect(sides({})).toBe(6);
  expect(sides({ by: "sample" })).toBeGreaterThan(6);
});

test("a group larger than a part is not drawn where smaller ones are nearer", () => {
  const groups = Array.from({ length: 100 }, (_, at) => (at < 70 ? "most" : `few ${at % 6}`));
  const dataset = datasetOf([...groups.keys()], Array(100).fill(0), groups);
  for (let seed = 0; seed < 10; seed++) {
    const split = splitDataset(dataset, { seed, validation: 0.1, test: 0.1 });
    for (const part of parts(split).slice(1)) expect(part.length).toBe(10); // two of five
  }
});

test("with too few groups the way out is told; stratified is by sample", () => {
  const groups = Array.from({ length: 40 }, (_, at) => (at < 20 ? "ann" : "bob"));
  const dataset = datasetOf([...groups.keys()], Array(40).fill(0), groups);
  const options = { seed: 1, validation: 0.2, test: 0.2 };
  expect(() => splitDataset(dataset, options)).toThrow(
    "the train part must hold at least one group, got none of 2 (40 samples, 40 with a label). Ask for a larger train part, give more data, or split by sample.",
  );
  expect(splitDataset(dataset, { ...options, stratified: true }).train.length).toBe(24);
});

test("a hundred thousand samples in a few groups are split", () => {
  const groups = Array.from({ length: 150_000 }, (_, at) => `speaker ${at % 10}`);
  const dataset = datasetOf([...groups.keys()], Array(150_000).fill(0), groups);
  const { train, validation } = splitDataset(dataset, { seed: 1, validation: 0.1 });
  expect([train.length, validation.length]).toEqual([135_000, 15_000]);
});

test("recordings whose words are counted stay whole, with frames that have no label", () => {
  const labels = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? 0 : UNLABELLED));
  const of = Int32Array.from(labels, (_, at) => Math.floor(at / 6));
  const groups = Array.from(of, (number) => `recording ${number}`);
  const words = Array.from({ length: 10 }, () => ["one"]);
  const plain = datasetOf([...labels.keys()], labels, groups);
  const lengths = (dataset: Dataset): number =>
    splitDataset(dataset, { seed: 1, validation: 0.2 }).validation.length;
  expect(lengths(plain)).toBe(6); // of two recordings those with a label
  expect(lengths({ ...plain, recordings: { of, words: null } })).toBe(6);
  expect(lengths({ ...plain, recordings: { of, words } })).toBe(12);
  const few = words.map((said, at) => (at < 5 ? said : null)); // the others are to be labelled
  const { train, validation } = splitDataset(
    { ...plain, recordings: { of, words: few } },
    { seed: 1, validation: 0.4 },
  );
  expect([train.length, validation.length]).toEqual([48, 12]);
  expect(validation.recordings!.of.every((number) => number < 5)).toBe(true);
});

test("a labelled sample and its twin without label: where the one is drawn, the other is nowhere", () => {
  const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const labels = values.map((value) => value % 2);
  const dataset = datasetOf([...values, ...values], [...labels, ...labels.map(() => -1)]);
  const options = { seed: 1, validation: 0.2, duplicates: "same-side" } as const;
  const { train, validation } = splitDataset(dataset, options);
  expect([train.length, validation.length]).toEqual([16, 2]);
  expect([...validation.labels].sort()).toEqual([0, 1]); // of each class, as asked
  assertDisjoint({ train, validation });
});

test("identical samples are refused, removed, or kept on one side", () => {
  const dataset = datasetOf([0, 1, 2, 3, 4, 5, 6, 1, 8, 1], Array(10).fill(0));
  expect(() => splitDataset(dataset, { seed: 1, validation: 0.3 })).toThrowError(
    expect.objectContaining({
      code: "data/duplicates",
      message:
        'split of made: identical samples could end on two sides, got 2 repeated of 10, for example samples 1 and 7. Remove the repeats (in code: withoutDuplicates), or keep them together with split: {duplicates: "same-side"}.',
    }),
  );
  expect(withoutDuplicates(dataset).length).toBe(8);
  for (let seed = 0; seed < 20; seed++) {
    const split = splitDataset(dataset, { seed, validation: 0.3, duplicates: "same-side" });
    expect(split.train.length + split.validation.length).toBe(10);
    assertDisjoint({ ...split });
  }
});

test("a group and a repeated sample that link two groups stay on one side together", () => {
  const values = [...Array(20).keys()];
  values[19] = 0; // the same recording under two speakers
  const groups = values.map((_, index) => `speaker ${Math.floor(index / 2)}`);
  for (let seed = 0; seed < 20; seed++) {
    const split = splitDataset(datasetOf(values, Array(20).fill(0), groups), {
      seed,
      validation: 0.3,
      by: "group",
      duplicates: "same-side",
    });
    const linked = [split.train, split.validation].filter(
      (part) => part.groups?.includes("speaker 0") || part.groups?.includes("speaker 9"),
    );
    expect(linked.length).toBe(1);
  }
});

/** Recordings of 100 steps; those at 40 … 79 of the given ones are still, at that level. */
function withStills(levels: readonly (number | undefined)[]): Dataset {
  const recordings = levels.map((level, r): TimeSeries => {
    const isStill = (step: number): boolean => level !== undefined && step >= 40 && step < 80;
    const steps = Float32Array.from({ length: 100 }, (_, s) => (isStill(s) ? level! : 100 * r + s));
    return { name: `${r}.csv`, data: steps, label: r % 2 };
  });
  const options = { name: "gait", channelCount: 1, window: 10, hop: 5, classNames: ["a", "b"] };
  return windowedDataset(recordings, options);
}

test("by group: identical windows of one recording are no reason to refuse", () => {
  const dataset = withStills([undefined, -1, undefined, -2, undefined, undefined]);
  expect(withoutDuplicates(dataset).length).toBe(dataset.length - 12); // 7 still windows each
  for (let seed = 0; seed < 20; seed++) {
    const split = splitDataset(dataset, { seed, validation: 0.2, test: 0.2 });
    expect(parts(split).reduce((sum, part) => sum + part.length, 0)).toBe(dataset.length);
    assertDisjoint({ ...split });
    expect(parts(split).flatMap((part) => [...new Set(part.groups)]).length).toBe(6);
  }
});

test("by group: identical windows of two recordings are refused, or bind these together", () => {
  const dataset = withStills([undefined, -1, undefined, -1, undefined, -2, -1]);
  expect(() => splitDataset(dataset, { seed: 1, validation: 0.2 })).toThrowError(
    expect.objectContaining({
      code: "data/duplicates",
      message:
        'split of gait: identical samples of two groups could end on two sides, got 1 repeated across the groups 1.csv, 3.csv, 6.csv, for example samples 27 (1.csv) and 65 (3.csv). Remove the repeats (in code: withoutDuplicates), or keep such groups together with split: {duplicates: "same-side"}.',
    }),
  );
  const split = splitDataset(dataset, { seed: 1, validation: 0.3, duplicates: "same-side" });
  assertDisjoint({ ...split });
  const bound = parts(split).filter((part) => part.groups?.some((g) => /[136]/.test(g)));
  expect(bound.length).toBe(1);
});

test("many groups of identical samples: five are named", () => {
  const groups = Array.from({ length: 14 }, (_, at) => `speaker ${Math.floor(at / 2)}`);
  const dataset = datasetOf(
    [...Array(14).keys()].map((at) => at % 2),
    Array(14).fill(0),
    groups,
  );
  expect(() => splitDataset(dataset, { seed: 1, validation: 0.2, by: "group" })).toThrowError(
    /got 2 repeated across the groups speaker 0, speaker 1, speaker 2, speaker 3, speaker 4, and 2 more, for example samples 0 \(speaker 0\) and 2 \(speaker 1\)/,
  );
});

test("a sample on two sides is refused with the number and an example", () => {
  const dataset = datasetOf([0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 0]);
  const train = subset(dataset, [0, 1, 2, 3], "train");
  const leaky = subset(dataset, [5, 3, 2], "test");
  expect(() => assertDisjoint({ train, test: leaky })).toThrowError(
    expect.objectContaining({
      code: "data/leak",
      message:
        "train and test: no sample may stand on two sides, got 2 identical, for example train 3 = test 1. Remove them from one side.",
    }),
  );
  expect(() => assertDisjoint({ train, test: subset(dataset, [4, 5], "test") })).not.toThrow();
});

test("samples that differ in the sign of 0 alone are identical, but have keys of their own", () => {
  const dataset = datasetOf([0, 1, 2, -0], [0, 0, 0, 0]);
  expect(dataset.key(3)).not.toBe(dataset.key(0));
  expect(() => splitDataset(dataset, { seed: 1, validation: 0.5 })).toThrowError(
    /got 1 repeated of 4, for example samples 0 and 3/,
  );
  expect(withoutDuplicates(dataset).length).toBe(3);
  const train = subset(dataset, [1, 0], "train");
  const further = withTransfer(subset(dataset, [2], "train"), subset(dataset, [2, 3], "transfer"));
  const seen = withTeacherInputs(datasetOf([7, 8, 9, 10], [0, 0, 0, 0]), dataset);
  const test = subset(dataset, [3], "test");
  expect(() => assertDisjoint({ train, test })).toThrowError(/for example train 1 = test 0/);
  expect(() => assertDisjoint({ further, train })).toThrowError(/further 2 = train 1/);
  expect(() =>
    assertDisjoint({ train: subset(seen, [0], "a"), test: subset(seen, [3], "b") }),
  ).toThrowError(/teacher's train and teacher's test: .* train 0 = teacher's test 0/);
});

test.each([
  [{ validation: 0 }, "config/range"],
  [{ validation: 0.6, test: 0.4 }, "config/range"],
  [{ validation: Number.NaN }, "config/range"],
  [{ validation: 0.2, by: "group" as const }, "data/groups"],
  [{ validation: 0.01 }, "data/split-empty"],
])("refused: %o", (options, code) => {
  const dataset = datasetOf([0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 1]);
  expect(() => splitDataset(dataset, { seed: 1, ...options })).toThrowError(
    expect.objectContaining({ code }),
  );
});

test("stratified by group is refused", () => {
  const dataset = datasetOf([0, 1, 2], [0, 0, 0], ["a", "b", "c"]);
  expect(() =>
    splitDataset(dataset, { seed: 1, validation: 0.3, by: "group", stratified: true }),
  ).toThrowError(expect.objectContaining({ code: "config/conflict" }));
});
