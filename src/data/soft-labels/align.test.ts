import { describe, expect, test } from "vitest";
import { arrayDataset, subset } from "../array-dataset.ts";
import { memoryStore } from "../memory-store.ts";
import { withLabels } from "../with-labels.ts";
import { alignSoftLabels, openSoftLabels, teacherAccuracy } from "./index.ts";
import { rejectionCode, sampleData, writePackage } from "./package.cases.ts";

const data = sampleData({ samples: 8, members: 2 });
const store = memoryStore();
await writePackage(store, data, { samplesPerShard: 3, batch: 8 });
const softLabels = await openSoftLabels(store);
const codeOf = (run: () => unknown): Promise<string> => rejectionCode(Promise.resolve().then(run));

describe("alignSoftLabels", () => {
  test("the same data: row i is sample i", () => {
    expect([...alignSoftLabels(softLabels, data.dataset)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("another order, a part, repeats: found by content", () => {
    const shuffled = subset(data.dataset, [5, 0, 7, 7], "some");
    expect([...alignSoftLabels(softLabels, shuffled)]).toEqual([5, 0, 7, 7]);
  });

  test("samples that were not labelled: how many, and one of them", () => {
    const changed = Uint8Array.from(data.inputs);
    changed[6 * 3] = changed[6 * 3]! ^ 1;
    changed[6 * 4] = changed[6 * 4]! ^ 1;
    const other = arrayDataset({ ...data.dataset, dtype: "uint8", data: changed });
    expect(() => alignSoftLabels(softLabels, other)).toThrow(
      `2 of 8 samples without soft labels, for example sample 3 (key ${other.key(3)})`,
    );
  });

  test("the same numbers in another dtype are other samples, and the message says so", () => {
    const floats = Float32Array.from(data.inputs);
    const other = arrayDataset({ ...data.dataset, dtype: "float32", data: floats });
    expect(() => alignSoftLabels(softLabels, other)).toThrow(/Load the data as uint8/);
  });

  test.each([
    ["fewer classes", ["ant", "bee"]],
    ["another name", ["ant", "bee", "dog"]],
    ["another order", ["bee", "ant", "cat"]],
  ])("%s are refused", async (_, classNames) => {
    const labels = new Int32Array(8);
    const other = arrayDataset({
      ...data.dataset,
      labels,
      classNames,
      dtype: "uint8",
      data: data.inputs,
    });
    expect(await codeOf(() => alignSoftLabels(softLabels, other))).toBe("package/class-mismatch");
  });
});

test("equal samples labelled twice share the first row", async () => {
  const twice = subset(data.dataset, [0, 1, 0], "twice");
  const first = data.batch(0, 2);
  const again = data.batch(0, 1);
  const doubled = {
    ...data,
    header: { ...data.header, dataHash: twice.hash(), sampleCount: 3 },
    batch: (from: number) => (from === 2 ? again : first),
  };
  const files = memoryStore();
  await writePackage(files, doubled, { samplesPerShard: 4, batch: 2 });
  expect([...alignSoftLabels(await openSoftLabels(files), twice)]).toEqual([0, 1, 0]);
});

test("equal samples of which the teacher saw other inputs keep their order, or their labels", async () => {
  const labels = [0, 1, 0, -1];
  const equal = arrayDataset({
    ...{ name: "equal", dtype: "uint8", shape: [2, 3], data: new Uint8Array(24), labels },
    classNames: data.dataset.classNames,
  });
  const sample = { dtype: "uint8", shape: [1] } as const;
  const teacherInputs = { name: "seen", hash: "cd".repeat(32), sample };
  const header = { ...data.header, dataHash: equal.hash(), sampleCount: 4, teacherInputs };
  const batch = (from: number, to: number) => ({
    ...data.batch(from, to),
    keys: labels.slice(from, to).map(() => equal.key(0)),
    labels: equal.labels.subarray(from, to),
  });
  const files = memoryStore();
  await writePackage(files, { ...data, header, batch }, { samplesPerShard: 4, batch: 4 });
  const package4 = await openSoftLabels(files);
  const rows = (order: readonly number[], own = equal): readonly number[] => [
    ...alignSoftLabels(package4, subset(own, order, "some")),
  ];
  const hidden = (...some: readonly number[]) =>
    withLabels(
      equal,
      Int32Array.from(labels, (label, at) => (some.includes(at) ? -1 : label)),
    );
  expect(rows([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  expect(rows([1, 0, 2, 3])).toEqual([1, 0, 2, 3]);
  expect(rows([3, 2, 1, 0])).toEqual([3, 0, 1, 2]);
  expect(rows([0, 1, 2, 3], hidden(0))).toEqual([0, 1, 2, 3]); // as in the data that were labelled
  expect(rows([1, 3, 0, 2], hidden(0, 2))).toEqual([1, 0, 2, 3]);
  const other = withLabels(equal, Int32Array.of(2, 1, 2, 0)); // as they were labelled since
  expect(rows([0, 1, 2, 3], other)).toEqual([2, 1, 3, 0]);
});

test("a row or view that does not exist is refused", async () => {
  const into = new Float32Array(6);
  expect(await codeOf(() => softLabels.logits(8, 0, into))).toBe("package/row");
  expect(await codeOf(() => softLabels.logits(0, 1, into))).toBe("package/row");
  expect(await codeOf(() => softLabels.logits(0, 0, new Float32Array(3)))).toBe("package/row");
});

describe("teacherAccuracy", () => {
  /** Labels of samples 0 to 7: 0 1 2 – 1 2 0 –; the teacher is right but for samples 1 and 5. */
  const answers = [0, 2, 2, 1, 1, 0, 0, 0];
  const oneHot = (classes: readonly number[]): Float32Array =>
    Float32Array.from(classes.flatMap((c) => [0, 1, 2].map((k) => (k === c ? 3 : -3))));

  test("counts labelled samples only", async () => {
    const one = sampleData({ samples: 8 });
    const logits = oneHot(answers);
    const files = memoryStore();
    const batch = (from: number, to: number) => ({
      ...one.batch(from, to),
      logits: logits.subarray(from * 3, to * 3),
    });
    await writePackage(files, { ...one, batch }, { samplesPerShard: 3, batch: 4 });
    expect(teacherAccuracy(await openSoftLabels(files))).toEqual({
      correct: 4,
      labelled: 6,
      accuracy: 4 / 6,
    });
  });

  test("uses the arithmetic mean that the manifest names, not the mean of logits", async () => {
    const logits = Float32Array.from(
      answers.flatMap((_, i) => {
        const label = data.dataset.labels[i]!;
        const sure = [0, 1, 2].map((k) => (k === label ? 10 : 0));
        const opposed = [0, 1, 2].map((k) => (k === label ? -30 : 0)); // its ½, ½ lose to the other's 1
        return [...opposed, ...sure];
      }),
    );
    const files = memoryStore();
    const batch = (from: number, to: number) => ({
      ...data.batch(from, to),
      logits: logits.subarray(from * 6, to * 6),
    });
    await writePackage(files, { ...data, batch }, { samplesPerShard: 3, batch: 4 });
    expect(teacherAccuracy(await openSoftLabels(files)).accuracy).toBe(1);
  });

  test("is null without labels", async () => {
    const files = memoryStore();
    const batch = (from: number, to: number) => ({
      ...data.batch(from, to),
      labels: new Int32Array(to - from).fill(-1),
    });
    await writePackage(files, { ...data, batch }, { samplesPerShard: 3, batch: 4 });
    expect(teacherAccuracy(await openSoftLabels(files)).accuracy).toBe(null);
  });
});
