import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrayDataset, type Dataset, UNLABELLED } from "../data/index.ts";
import { loadData } from "../data/sources/index-node.ts";
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

test("contradictions are refused", () => {
  const own = { train: numbers(40), test: numbers(40, 1000) };
  expect(() => splitData(own, { split: { test: 0.1 } })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: split.test: numbers has a test part of its own, got test: 0.1. Leave split.test out, or data.test.]`,
  );
  expect(() => splitData(own, { labelled: 50 })).toThrowErrorMatchingInlineSnapshot(
    `[DataError: labelled: the training part has 36 labels, got 50. Ask for fewer, or leave labelled out.]`,
  );
  expect(() => splitData({ train: numbers(40), test: numbers(40, 30) }, {})).toThrow(
    expect.objectContaining({ code: "data/leak" }),
  );
});

/** Twelve recordings of two classes in a folder, as `source: recordings` reads them. */
function recordingsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "split-recordings-"));
  for (let r = 0; r < 12; r++) {
    const own = join(folder, r % 2 === 0 ? "walk" : "run");
    mkdirSync(own, { recursive: true });
    const steps = Array.from({ length: 20 }, (_, t) => `${100 * r + t},${-t}`);
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
