import { expect, test } from "vitest";
import { arrayDataset } from "./array-dataset.ts";
import { framesDataset } from "./audio/frames-dataset.ts";
import type { Dataset } from "./dataset.ts";
import { memoryStore } from "./memory-store.ts";
import { openShards, writeShards } from "./shards/index.ts";
import { splitDataset } from "./split.ts";
import { withTransfer } from "./with-transfer.ts";

const classNames = ["a", "b"];

function rows(values: readonly number[], groups: readonly string[] | null = null): Dataset {
  const labels = values.map((_, at) => at % 2);
  const data = Float32Array.from(values.flatMap((value) => [value, -value]));
  return arrayDataset({
    name: "rows",
    dtype: "float32",
    shape: [2],
    data,
    labels,
    classNames,
    groups,
  });
}

async function read(dataset: Dataset, indices: readonly number[]): Promise<readonly number[]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const into = new Float32Array(indices.length * size);
  await dataset.gather(Int32Array.from(indices), into);
  return [...into];
}

test("samples of both in any order, with their own keys; a hash of its own", async () => {
  const [train, transfer] = [rows([1, 2, 3]), rows([4, 5])];
  const both = withTransfer(train, transfer);
  expect(await read(both, [4, 0, 1, 3, 3, 2])).toEqual([5, -5, 1, -1, 2, -2, 4, -4, 4, -4, 3, -3]);
  expect([...both.labels]).toEqual([0, 1, 0, -1, -1]);
  expect([both.key(2), both.key(3)]).toEqual([train.key(2), transfer.key(0)]);
  const same = arrayDataset({
    ...{ name: "x", dtype: "float32", shape: [2], classNames },
    data: Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4, 5, -5),
    labels: both.labels,
  });
  expect(both.hash()).toBe(same.hash());
});

/** Recordings of one feature, two frames each. */
function speech(groups: readonly string[], words: boolean, first = 0): Dataset {
  return framesDataset({
    ...{ name: "speech", features: 1, context: { before: 0, after: 1 }, classNames },
    standardization: { mean: [0], deviation: [1] },
    recordings: groups.map((group, at) => ({
      features: Float32Array.of(first + 10 * at, first + 10 * at + 1),
      labels: [0, 1],
      group,
      ...(words && { words: ["one"] }),
    })),
  });
}

test("frames stay frames: how they were made, whose they are, and that recordings stay whole", async () => {
  const both = withTransfer(speech(["anna", "bert"], true), speech(["bert", "carl"], true, 50));
  expect(both.frames).toEqual(speech(["anna"], true).frames);
  expect([...both.recordings!.of]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect(both.recordings!.words).toEqual([["one"], ["one"], null, null]);
  expect(await read(both, [3, 4])).toEqual([11, 11, 50, 51]);
  expect(() => splitDataset(both, { seed: 1, validation: 0.5, by: "sample" })).toThrow(
    "must stay on one side",
  );
  const { train, validation } = splitDataset(both, { seed: 1, validation: 0.5 });
  expect(validation.groups!.every((group) => ["anna", "bert"].includes(group))).toBe(true);
  const held = new Set(validation.groups);
  expect(train.groups!.some((group) => held.has(group))).toBe(false);
});

test("where samples of one of the two must stay together by group, those of both must", () => {
  const plain = { ...rows([1, 2], ["x", "y"]), wholeGroups: false };
  const windows = { ...rows([4, 5], ["z", "z"]), wholeGroups: true };
  expect(withTransfer(plain, windows).wholeGroups).toBe(true);
  expect(withTransfer(windows, plain).wholeGroups).toBe(true);
});

test("groups that are places in a file are not those of another file", () => {
  const local = { ...rows([4, 5], ["0", "1"]), localGroups: true };
  const both = withTransfer({ ...rows([1, 2], ["0", "1"]), localGroups: true }, local);
  expect([both.groups, both.localGroups]).toEqual([["0", "1", "transfer/0", "transfer/1"], true]);
});

test("names that mean nothing elsewhere do not stand beside names that do", () => {
  const local = { ...rows([1, 2], ["0", "1"]), localGroups: true };
  const named = rows([4, 5], ["ann", "ben"]);
  for (const [train, transfer] of [
    [local, named],
    [named, local],
  ] as const)
    expect(() => withTransfer(train, transfer)).toThrow(
      "got groups that are places in its own file",
    );
});

test("refused: another kind, groups on one side, shards", async () => {
  expect(() => withTransfer(rows([1, 2]), speech(["anna"], false))).toThrow(
    "transfer samples must be float32 [2] as the training samples are",
  );
  expect(() => withTransfer(rows([1, 2], ["x", "y"]), rows([3]))).toThrow("samples need groups");
  const store = memoryStore();
  await writeShards(rows([3, 4]), store);
  const sharded = await openShards(store);
  expect(() => withTransfer(rows([1, 2]), sharded)).toThrow("into the shards, with label -1");
});
