import { expect, test } from "vitest";
import { arrayDataset, subset, UNLABELLED, withoutLabels } from "../../data/index.ts";
import { splitData } from "./split-data.ts";
import { transferPart } from "./transfer-part.ts";

/** 120 samples of classes a, b and c in turns. */
const all = arrayDataset({
  name: "abc",
  dtype: "uint8",
  shape: [1],
  data: Uint8Array.from({ length: 120 }, (_, at) => at),
  labels: Array.from({ length: 120 }, (_, at) => at % 3),
  classNames: ["a", "b", "3"],
});
const loaded = { train: all, test: null };

test("classes are withheld from the students alone; teacher, validation and test keep them", () => {
  const split = { validation: 0.2, test: 0.25 };
  const {
    train,
    whole,
    validation,
    test: held,
    withheld,
  } = splitData(loaded, {
    split,
    transfer: { withoutClasses: [3] },
  });
  expect(withheld).toEqual([2]);
  expect([...new Set(train.labels)].sort()).toEqual([0, 1]);
  expect([train.length, whole.length]).toEqual([48, 72]);
  for (const part of [whole, validation, held!]) expect(part.labels).toContain(2);
  const plain = splitData(loaded, { split });
  expect(plain.train).toBe(plain.whole);
  expect(whole.hash()).toBe(plain.whole.hash());
});

test("only some classes, and of them a fraction of each, the same for the same seed", () => {
  const only = { onlyClasses: ["a", "3"], fraction: 0.25 };
  const part = transferPart(all, all.labels, only, 1);
  expect(part.withheld).toEqual([1]);
  expect(part.train.labels.filter((label) => label === 0)).toHaveLength(10);
  expect(part.train.labels.filter((label) => label === 2)).toHaveLength(10);
  expect(transferPart(all, all.labels, only, 1).train.hash()).toBe(part.train.hash());
  expect(transferPart(all, all.labels, only, 2).train.hash()).not.toBe(part.train.hash());
});

test("samples whose labels are taken away are still withheld by their class", () => {
  const { train } = splitData(loaded, { labelled: 12, transfer: { withoutClasses: ["b"] } });
  const known = train.labels.filter((label) => label !== UNLABELLED);
  expect(new Set(known)).toEqual(new Set([0, 2]));
  expect(train.length).toBe(72);
});

test("classes that the data have no sample of are withheld, and none is taken away for them", () => {
  const some = subset(
    all,
    [...all.labels.keys()].filter((at) => at % 3 !== 0),
    "b and 3",
  );
  for (const transfer of [{}, { onlyClasses: ["b", "3"] }, { withoutClasses: ["a"] }]) {
    const part = transferPart(some, some.labels, transfer, 1);
    expect(part.withheld).toEqual([0]);
    expect(part.train).toBe(some); // so no student of all samples beside those of the same
  }
  expect(transferPart(some, some.labels, { onlyClasses: ["b"] }, 1).withheld).toEqual([0, 2]);
  const unknown = withoutLabels(some);
  expect(transferPart(unknown, unknown.labels, {}, 1).withheld).toEqual([]);
});

const said = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  return "nothing";
};

test("what cannot be withheld is refused", () => {
  const of = (transfer: Parameters<typeof transferPart>[2], labels = all.labels): string =>
    said(() => transferPart(all, labels, transfer, 1));
  expect(of({ withoutClasses: ["d"] })).toContain('transfer: unknown class "d". ');
  expect(of({ withoutClasses: ["a"], onlyClasses: ["b"] })).toContain("say the same in two ways");
  expect(of({ withoutClasses: ["a", "b", 3] })).toContain("the students need samples");
  expect(of({ fraction: 0.5 }, withoutLabels(all).labels)).toContain("every class is known");
});

test("generated samples stand for the training part, which stays whole for the teacher", () => {
  const generated = { kind: "noise", samples: 7 } as const;
  const { train, whole, validation } = splitData(loaded, { transfer: { generated } });
  expect(train).toMatchObject({ name: "generated noise", length: 7, shape: [1], dtype: "uint8" });
  expect([...train.labels]).toEqual(new Array(7).fill(UNLABELLED));
  expect(whole.length + validation.length).toBe(120);
  expect(() => train.gather(Int32Array.of(0), new Uint8Array(1))).toThrow("still to be made");
  const beside = { generated, fraction: 0.5, labels: "none" } as const;
  expect(() => splitData(loaded, { transfer: beside })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: transfer.generated: the students see generated samples in place of the training part's, got fraction, labels beside them. Leave one or the other out.]`,
  );
  const smooth = { ...generated, blur: 1 };
  expect(() =>
    splitData(loaded, { transfer: { generated: smooth } }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: generated samples: only images can be smoothed: [channels, height, width], got samples of shape [1]. Leave blur out.]`,
  );
});
