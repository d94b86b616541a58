/** @file Pairs of inputs: what keeps them, and what is refused. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../distill/small-problem.cases.ts";
import { arrayDataset, subset } from "./array-dataset.ts";
import { assertOfOneKind } from "./assert-same-kind.ts";
import { framesDataset } from "./audio/frames-dataset.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";
import { assertDisjoint, withoutDuplicates } from "./duplicates.ts";
import { memoryStore } from "./memory-store.ts";
import { openShards, writeShards } from "./shards/index.ts";
import { splitDataset } from "./split.ts";
import { spreadSamples } from "./spread.ts";
import { seenByTeacher, withTeacherInputs } from "./teacher-inputs.ts";
import { labelledSamples, withLabels, withoutLabels } from "./with-labels.ts";
import { withTransfer } from "./with-transfer.ts";

const classNames = ["a", "b"];
const count = (length: number): number[] => Array.from({ length }, (_, at) => at);

interface Made {
  readonly labels?: readonly number[];
  readonly groups?: readonly string[];
  readonly classNames?: readonly string[];
}

/** uint8 samples of one value each. */
function poor(values: readonly number[], made: Made = {}): Dataset {
  const data = Uint8Array.from(values);
  const labels = values.map((_, at) => at % 2);
  return arrayDataset({
    ...{ name: "poor", dtype: "uint8", shape: [1], data, labels, classNames },
    ...made,
  });
}

/** The same values as float32 [2], a thousand added to the second, without labels. */
function rich(values: readonly number[], made: Made = {}): Dataset {
  const data = Float32Array.from(values.flatMap((value) => [value, value + 1000]));
  const labels = new Array<number>(values.length).fill(UNLABELLED);
  return arrayDataset({
    ...{ name: "rich", dtype: "float32", shape: [2], data, labels, classNames: [] },
    ...made,
  });
}

const paired = (values: readonly number[], made?: Made): Dataset =>
  withTeacherInputs(poor(values, made), rich(values));

/** The value that was planted in each input of each sample, student's and teacher's. */
async function planted(dataset: Dataset): Promise<readonly (readonly [number, number])[]> {
  const indices = Int32Array.from(count(dataset.length).reverse()); // no order is taken for granted
  const own = new Uint8Array(dataset.length);
  const seen = new Float32Array(2 * dataset.length);
  await dataset.gather(indices, own);
  await dataset.teacherInputs!.gather(indices, seen);
  return Array.from(own, (value, at) => [value, seen[2 * at + 1]! - 1000] as const).reverse();
}

const together = (values: readonly number[]) => values.map((value) => [value, value]);

test("a data set is the same with its pairs; what the teacher sees has its labels and groups", () => {
  const [plain, both] = [poor([3, 1, 2], { groups: ["x", "y", "x"] }), rich([3, 1, 2])];
  const dataset = withTeacherInputs(plain, both);
  expect(dataset.hash()).toBe(plain.hash());
  expect(dataset.key(1)).toBe(plain.key(1));
  const seen = seenByTeacher(dataset);
  expect([seen.name, seen.dtype, seen.shape, seen.groups]).toEqual([
    ...["rich", "float32", [2]],
    ["x", "y", "x"],
  ]);
  expect([...seen.labels]).toEqual([0, 1, 0]);
  expect(seen.key(2)).toBe(both.key(2));
  expect(seen.hash()).toBe(withLabels({ ...both, classNames }, plain.labels).hash());
  expect(seenByTeacher(seen)).toBe(seen);
  expect(seenByTeacher(plain)).toBe(plain);
});

test("what is made of a paired data set keeps every pair together", async () => {
  const dataset = paired([7, 8, 9, 7], { labels: [0, -1, 1, 0] });
  expect(await planted(subset(dataset, [2, 0, 2], "some"))).toEqual(together([9, 7, 9]));
  expect(await planted(labelledSamples(dataset))).toEqual(together([7, 9, 7]));
  expect(await planted(withoutDuplicates(dataset))).toEqual(together([7, 8, 9]));
  expect(await planted(spreadSamples(dataset, 2))).toEqual(together([7, 9]));
  const relabelled = withoutLabels(dataset);
  expect(await planted(relabelled)).toEqual(together([7, 8, 9, 7]));
  expect([...seenByTeacher(relabelled).labels]).toEqual([-1, -1, -1, -1]);
  const joined = withTransfer(dataset, paired([1, 2]));
  expect(await planted(joined)).toEqual(together([7, 8, 9, 7, 1, 2]));
  expect(seenByTeacher(joined).key(5)).toBe(rich([2]).key(0));
});

test("a split of any size, by sample or by group, parts no pair", async () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat({ max: 4 })), {
    minLength: 20,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.boolean(), async (rows, seed, byGroup) => {
      const values = count(rows.length);
      const labels = rows.map(([label]) => label - 1);
      fc.pre(labels.filter((label) => label !== UNLABELLED).length >= 12);
      const groups = byGroup ? { groups: values.map((value) => `g${Math.floor(value / 2)}`) } : {};
      const made = { labels, ...groups };
      const options = { seed, validation: 0.25, test: 0.25 };
      const split = splitDataset(paired(values, made), options);
      const plain = splitDataset(poor(values, made), options);
      for (const part of ["train", "validation", "test"] as const) {
        for (const [own, seen] of await planted(split[part]!)) expect(seen).toBe(own);
        expect(split[part]!.hash()).toBe(plain[part]!.hash());
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("the teacher's inputs may lie in shards, and say how they are shuffled", async () => {
  const values = count(20);
  const store = memoryStore();
  const classes = { classNames };
  await writeShards(rich(values, classes), store, { shardBytes: 32 }); // four samples each
  const dataset = withTeacherInputs(poor(values), await openShards(store, { window: 2 }));
  expect(dataset.shuffle).toBeUndefined();
  const part = subset(dataset, [1, 5, 6, 19, 2], "part");
  expect(await planted(part)).toEqual(together([1, 5, 6, 19, 2]));
  const { starts, window } = seenByTeacher(part).shuffle!;
  expect([[...starts], window]).toEqual([[0, 1, 3, 4], 2]);
});

test.each<[string, () => unknown, string, string]>([
  [
    "another number of samples",
    () => withTeacherInputs(poor([1, 2]), rich([1])),
    "data/length",
    "teacher inputs rich: there must be one for each of the 2 samples of poor, got 1. Give both the same samples in the same order.",
  ],
  [
    "labels of other classes",
    () => withTeacherInputs(poor([1, 2]), rich([1, 2], { labels: [0, 1], classNames: ["b", "a"] })),
    "data/class",
    "teacher inputs rich: labels must be of the classes a, b, in this order, got b, a. Give both the same classes in the same order (classNames).",
  ],
  [
    "labels of classes that look the same in a list",
    () =>
      withTeacherInputs(
        poor([1, 2], { classNames: ["a, b", "c"] }),
        rich([1, 2], { labels: [0, 1], classNames: ["a", "b, c"] }),
      ),
    "data/class",
    "labels must be of the classes a, b, c",
  ],
  [
    "another label",
    () => withTeacherInputs(poor([1, 2]), rich([1, 2], { labels: [-1, 0], classNames })),
    "data/label",
    'teacher inputs rich: sample 1 must have its label in poor, "b", got "a". Give both the same samples in the same order, or leave the labels of the teacher\'s inputs out.',
  ],
  [
    "a label that is not known to the student",
    () =>
      withTeacherInputs(
        poor([1, 2], { labels: [-1, 1] }),
        rich([1, 2], { labels: [0, 1], classNames }),
      ),
    "data/label",
    'sample 0 must have its label in poor, none, got "a"',
  ],
  [
    "groups that lie across the data set's",
    () =>
      withTeacherInputs(
        poor([1, 2, 3], { groups: ["x", "y", "y"] }),
        rich([1, 2, 3], { groups: ["p", "p", "q"] }),
      ),
    "data/groups",
    "teacher inputs rich: samples of one group or recording must be of one in poor too, got sample 1 apart from others of its group. Give both the same samples in the same order, with the groups of both.",
  ],
  [
    "groups of the teacher's inputs alone",
    () => withTeacherInputs(poor([1, 2]), rich([1, 2], { groups: ["p", "p"] })),
    "data/groups",
    "sample 1 apart from others of its group",
  ],
  [
    "groups of the same names in another order",
    () =>
      withTeacherInputs(
        poor([1, 2, 3], { groups: ["x", "y", "y"] }),
        rich([1, 2, 3], { groups: ["y", "x", "x"] }),
      ),
    "data/groups",
    'teacher inputs rich: sample 0 must be of its group in poor, "x", got "y". Give both the same samples in the same order; groups that only have the same names must be renamed, or left out of one.',
  ],
  [
    "what is no data set but has some",
    () => withTeacherInputs({ train: poor([1]), test: null } as never, rich([1])),
    "config/type",
    "withTeacherInputs: there must be two data sets, got loaded data. Pair each part: withTeacherInputs(data.train, inputs.train).",
  ],
  [
    "a promise of a data set",
    () => withTeacherInputs(poor([1]), Promise.resolve() as never),
    "config/type",
    "got a promise: await it",
  ],
  [
    "inputs that are paired themselves",
    () => withTeacherInputs(poor([1, 2]), paired([1, 2])),
    "data/pairs",
    "teacher inputs poor: a sample has one input for the student and one for the teacher, got poor, which has teacher inputs already. Pair the two data sets once.",
  ],
  [
    "a part without teacher inputs beside one that has some",
    () => assertOfOneKind(paired([1, 2]), poor([3]), "test"),
    "data/pairs",
    "poor: test samples must be with teacher inputs as the training samples are, got without teacher inputs",
  ],
  [
    "a part whose teacher inputs are of another kind",
    () => assertOfOneKind(paired([1, 2]), withTeacherInputs(poor([3]), poor([3])), "test"),
    "data/shape",
    "poor: teacher's test samples must be float32 [2] as the training samples are, got uint8 [1]",
  ],
  [
    "a transfer set without teacher inputs",
    () => withTransfer(paired([1, 2]), poor([3])),
    "data/pairs",
    "transfer samples must be with teacher inputs",
  ],
  [
    "a sample of two parts that look alike to the teacher alone",
    () =>
      assertDisjoint({
        train: paired([1, 2]),
        test: withTeacherInputs(poor([3, 4]), rich([9, 2])),
      }),
    "data/leak",
    "teacher's train and teacher's test: no sample may stand on two sides, got 1 identical, for example teacher's train 1 = teacher's test 1. Remove them from one side; or, where one data set is split, give samples that are alike to the teacher one group and split by it.",
  ],
  [
    "shards of two inputs",
    () => writeShards(paired([1, 2]), memoryStore()),
    "data/pairs",
    "shards of poor: shards hold one input of each sample, got samples with the teacher inputs rich.",
  ],
])("refused: %s", async (_, work, code, message) => {
  const found = await failure(Promise.resolve().then(work));
  expect(found.code).toBe(code);
  expect(found.message).toContain(message);
});

test("groups of other names, or named within their own set, need not be called alike", () => {
  const own = poor([1, 2, 3], { groups: ["x", "y", "y"] });
  const groups = (names: readonly string[]): Dataset => rich([1, 2, 3], { groups: names });
  for (const other of [
    groups(["p", "q", "q"]), // other names
    groups(["y", "z", "z"]), // some names are the same
    { ...groups(["y", "x", "x"]), localGroups: true },
  ])
    expect(withTeacherInputs(own, other).teacherInputs?.name).toBe("rich");
});

test("recordings of noisy frames may have clean ones as pairs, if they are cut alike", async () => {
  const frames = (lengths: readonly number[], noise: number): Dataset =>
    framesDataset({
      ...{ name: `noise ${noise}`, features: 1, context: { before: 0, after: 0 }, classNames },
      standardization: { mean: [noise], deviation: [1] },
      recordings: lengths.map((length, at) => ({
        features: Float32Array.from(count(length), (frame) => 10 * at + frame + noise),
        group: "speaker",
        words: ["one"],
      })),
    });
  const dataset = withTeacherInputs(frames([2, 3], 0.5), frames([2, 3], 0));
  const seen = seenByTeacher(subset(dataset, [4, 0], "some"));
  expect(seen.frames?.standardization?.mean).toEqual([0]);
  expect([...seen.recordings!.of]).toEqual([1, 0]);
  const into = new Float32Array(2);
  await seen.gather(Int32Array.of(0, 1), into);
  expect([...into]).toEqual([12, 0]);
  const { code } = await failure(
    Promise.resolve().then(() => withTeacherInputs(frames([2, 3], 0.5), frames([3, 2], 0))),
  );
  expect(code).toBe("data/groups");
});
