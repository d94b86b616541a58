import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrayDataset, type Dataset, UNLABELLED } from "../../data/index.ts";
import { loadData } from "../../data/sources/index-node.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { splitData } from "./split-data.ts";

/** `length` different samples of one number, classes in turn, from `first` on. */
function numbers(length: number, first = 0): Dataset {
  return arrayDataset({
    name: "numbers",
    dtype: "float32",
    shape: [1],
    data: Float32Array.from({ length }, (_, i) => first + i),
    labels: Int32Array.from({ length }, (_, i) => i % 4),
    classNames: ["a", "b", "c", "d"],
  });
}

const keys = (dataset: Dataset): readonly string[] =>
  Array.from({ length: dataset.length }, (_, at) => dataset.key(at));

test("the data's own test part is kept, and validation is a share of the others", () => {
  const test = numbers(40, 1000);
  const parts = splitData({ train: numbers(200), test }, { split: { validation: 0.2 } });
  expect(parts.test).toBe(test);
  expect([parts.train.length, parts.validation.length, parts.transfer.length]).toEqual([
    160, 40, 200,
  ]);
});

test("nothing is judged by samples without a label; they are trained on", () => {
  const partly = (set: Dataset): Dataset => ({
    ...set,
    labels: set.labels.map((label, at) => (at % 3 === 0 ? UNLABELLED : label)),
  });
  const [train, test] = [partly(numbers(300)), partly(numbers(60, 1000))];
  const own = splitData({ train, test }, { split: { validation: 0.2 } });
  const drawn = splitData({ train, test: null }, { split: { validation: 0.2, test: 0.1 } });
  for (const { validation, test: judged } of [own, drawn])
    for (const part of [validation, judged!]) expect(part.labels).not.toContain(UNLABELLED);
  expect([own.train.length, own.validation.length, own.test!.length]).toEqual([260, 40, 40]);
  expect([drawn.train.length, drawn.validation.length, drawn.test!.length]).toEqual([244, 36, 20]);
  expect(drawn.train.labels).toContain(UNLABELLED);
});

test("validation can be drawn again where the test part is not known", () => {
  const split = { validation: 0.25, test: 0.2, seed: 3 };
  const parts = splitData({ train: numbers(200), test: null }, { split });
  expect(parts.test?.length).toBe(40);
  expect(parts.transfer.length).toBe(160);
  const { test: _, ...rest } = split;
  const away = splitData({ train: parts.transfer, test: null }, { split: rest });
  expect(keys(away.train)).toEqual(keys(parts.train));
  expect(keys(away.validation)).toEqual(keys(parts.validation));
  expect(away.train.hash()).toBe(parts.train.hash());
});

test("labelled keeps that many labels, each class's share, the same for the same seed", () => {
  const loaded = { train: numbers(400), test: numbers(40, 1000) };
  const { train, trainAllLabels } = splitData(loaded, { labelled: 30 });
  const counts = [0, 1, 2, 3].map((c) => train.labels.filter((label) => label === c).length);
  expect(counts.reduce((a, b) => a + b)).toBe(30);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  train.labels.forEach((label, at) => {
    if (label !== UNLABELLED) expect(label).toBe(trainAllLabels.labels[at]);
  });
  expect(keys(train)).toEqual(keys(trainAllLabels));
  expect(train.hash()).not.toBe(trainAllLabels.hash());
  expect(splitData(loaded, { labelled: 30 }).train.hash()).toBe(train.hash());
  const other = splitData(loaded, { labelled: 30, split: { seed: 2 } }).train;
  expect(other.hash()).not.toBe(train.hash());
});

test("seeds that split alike keep different labels", () => {
  const groups = Array.from({ length: 40 }, (_, at) => `speaker ${at % 4}`);
  const train = { ...numbers(40), groups };
  const parts = [1, 2, 3, 4, 5].map((seed) => {
    const split = { validation: 0.25, by: "group" as const, seed };
    return splitData({ train, test: null }, { split, labelled: 8 }).train;
  });
  const [one, other] = parts.flatMap((part, at) => {
    const twin = parts.slice(0, at).find((each) => keys(each).join() === keys(part).join());
    return twin === undefined ? [] : [twin, part];
  }); // there are four ways to split, so two of five are alike
  expect(other!.labels).not.toEqual(one!.labels);
});

test("contradictions are refused", () => {
  const own = { train: numbers(40), test: numbers(40, 1000) };
  expect(() => splitData(own, { split: { test: 0.1 } })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: split.test: numbers has a test part of its own, got test: 0.1. Leave split.test out, or data.test.]`,
  );
  expect(() => splitData(own, { labelled: 50 })).toThrowErrorMatchingInlineSnapshot(
    `[DataError: labelled: the training part has 36 labels, got 50. Ask for fewer, or leave labelled out.]`,
  );
});

test("samples of the data in their own test part: no way of splitting helps, nor is one advised", () => {
  const leaky = { train: numbers(40), test: numbers(40, 30) };
  for (const split of [{}, { duplicates: "same-side" }] as const)
    expect(() => splitData(leaky, { split })).toThrowErrorMatchingInlineSnapshot(
      `[DataError: train and test: no sample may stand on two sides, got 10 identical, for example train 30 = test 0. Remove them from one side.]`,
    );
});

/** Twelve recordings of two classes in a folder, as `source: recordings` reads them. */
function recordingsFolder(first = 0): string {
  const folder = mkdtempSync(join(tmpdir(), "split-recordings-"));
  for (let r = 0; r < 12; r++) {
    const own = join(folder, r % 2 === 0 ? "walk" : "run");
    mkdirSync(own, { recursive: true });
    const steps = Array.from({ length: 20 }, (_, t) => `${first + 100 * r + t},${-t}`);
    writeFileSync(join(own, `${r}.csv`), ["x,y", ...steps].join("\n"));
  }
  return folder;
}

test("a recipe of recordings that does not say by is split by recording; by: sample is refused", async () => {
  const folder = recordingsFolder();
  const recipe = (split: string) =>
    parseRecipe(
      `name: gait
data: { source: recordings, folder: ${JSON.stringify(folder)}, window: 8, hop: 4 }
split: ${split}
teacher: { model: teacher.onnx }
student: { family: mlp, hidden: [4] }
training: { epochs: 1 }
`,
      "gait.yaml",
    );
  const loaded = await loadData(recipe("{}").data!);
  for (const split of ["{ test: 0.2 }", "{ validation: 0.2, test: 0.2, by: group, seed: 3 }"]) {
    const { train, validation, test: held } = splitData(loaded, recipe(split));
    const sides = [train, validation, held!].map(({ groups }) => new Set(groups));
    expect(sides.map(({ size }) => size).reduce((a, b) => a + b)).toBe(12);
    expect(new Set(sides.flatMap((side) => [...side])).size).toBe(12);
  }
  expect(() => splitData(loaded, recipe("{ test: 0.2, by: sample }"))).toThrow(
    expect.objectContaining({ code: "config/conflict" }),
  );
  rmSync(folder, { recursive: true });
});

test("groups of train in the data's own test part are refused; file paths may repeat", async () => {
  const grouped = (first: number, groups: readonly string[]): Dataset => ({
    ...numbers(groups.length * 10, first),
    groups: groups.flatMap((group) => new Array<string>(10).fill(group)),
  });
  const train = grouped(0, ["ann", "bob", "cy", "dee"]);
  const leaky = { train, test: grouped(1000, ["eve", "dee", "bob"]) };
  expect(() => splitData(leaky, { split: { by: "group" } })).toThrowErrorMatchingInlineSnapshot(
    `[DataError: train and test: no group may stand on two sides, got dee, bob. Move each group to one side; rename groups that only have the same name; or leave the groups out.]`,
  );
  expect(() => splitData(leaky, {})).toThrow(expect.objectContaining({ code: "data/leak" }));
  const apart = { train, test: grouped(1000, ["eve"]) };
  expect(splitData(apart, {}).test).toBe(apart.test);
  const [folder, other] = [recordingsFolder(), recordingsFolder(1e4)];
  const spec = { source: "recordings", folder, window: 8, hop: 4 } as const;
  const paths = await loadData({ ...spec, test: { folder: other } });
  expect(paths.train.groups![0]).toBe(paths.test!.groups![0]);
  expect(splitData(paths, {}).test).toBe(paths.test);
  const table = (of: string, name: (r: number) => string): string => {
    const lines = Array.from({ length: 12 }, (_, r) => {
      const label = r % 2 === 0 ? "walk" : "run";
      return `${label}/${r}.csv,${label},${name(r)}`;
    });
    const file = `${of}-labels.csv`;
    writeFileSync(file, ["file,label,group", ...lines].join("\n"));
    return file;
  };
  const withTables = await loadData({
    ...spec,
    labels: table(folder, (r) => `person ${r}`),
    test: { folder: other, labels: table(other, (r) => `person ${r + 11}`) },
  });
  expect(() => splitData(withTables, {})).toThrow(
    "train and test: no group may stand on two sides, got person 11.",
  );
  for (const one of [folder, other]) {
    rmSync(one, { recursive: true });
    rmSync(`${one}-labels.csv`);
  }
});
