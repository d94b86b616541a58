/** @file A package keeps what its samples need to be split and read as the data are. */

import { expect, test } from "vitest";
import {
  arrayDataset,
  type Dataset,
  memoryStore,
  openSoftLabels,
  openSoftLabelWriter,
  splitDataset,
} from "../data/index.ts";
import { label, labelAll } from "./label.ts";
import { insectData, pixelTeacher } from "./teachers/teacher.cases.ts";

const plain = insectData(60);
/** twelve recordings of five windows each */
const recorded: Dataset = {
  ...plain,
  groups: Array.from({ length: 60 }, (_, at) => `walk ${Math.floor(at / 5)}`),
  wholeGroups: true,
  localGroups: true,
};
const teacher = pixelTeacher();

async function labelled(dataset: Dataset, withInputs = true): Promise<Dataset> {
  const store = memoryStore();
  await labelAll({ teacher, dataset, store, withInputs });
  return (await openSoftLabels(store)).asDataset();
}

test("groups come back, and keep a recording on one side", async () => {
  const again = await labelled(recorded);
  const { groups, wholeGroups, localGroups } = again;
  expect({ groups, wholeGroups, localGroups }).toEqual({
    groups: recorded.groups,
    wholeGroups: true,
    localGroups: true,
  });
  const split = (dataset: Dataset) => splitDataset(dataset, { seed: 1, validation: 0.3 });
  expect(split(again).train.hash()).toBe(split(recorded).train.hash());
  const { train, validation } = split(again);
  expect(validation.groups?.filter((group) => train.groups?.includes(group))).toEqual([]);
  expect(() => splitDataset(again, { seed: 1, validation: 0.3, by: "sample" })).toThrow();
});

test("groups that may be parted are only named", async () => {
  const again = await labelled({ ...plain, groups: recorded.groups });
  expect(again.groups).toEqual(recorded.groups);
  expect([again.wholeGroups, again.localGroups]).toEqual([undefined, undefined]);
  expect((await labelled(plain)).groups).toBeNull();
});

test("text keeps its numbering", async () => {
  const text = { vocabulary: ["", "?", "spam"], length: 6 };
  expect((await labelled({ ...plain, text })).text).toEqual(text);
});

test("frames keep how they were made, also in a package without inputs", async () => {
  const standardization = { mean: [0.1 + 0.2, -1e-9], deviation: [1 / 3, 7] };
  const frames = { context: { before: 1, after: 0 }, standardization };
  const dataset = { ...plain, frames };
  expect((await labelled(dataset)).frames).toEqual(frames);
  const store = memoryStore();
  await labelAll({ teacher, dataset, store });
  expect((await openSoftLabels(store)).manifest.frames).toEqual(frames);
});

test("labelling goes on where an earlier program did not say how samples were made", async () => {
  const frames = { context: { before: 1, after: 0 }, standardization: null };
  const store = memoryStore();
  await labelAll({ teacher, dataset: plain, store });
  const names = ["manifest.json", "shards/00000.safetensors"];
  const before = await Promise.all(names.map((name) => store.read(name)));
  await labelAll({ teacher, dataset: { ...plain, frames }, store });
  expect(await Promise.all(names.map((name) => store.read(name)))).toEqual(before);
  const other = { ...frames, context: { before: 2, after: 0 } };
  const said = memoryStore();
  await labelAll({ teacher, dataset: { ...plain, frames }, store: said });
  await expect(
    labelAll({ teacher, dataset: { ...plain, frames: other }, store: said }),
  ).rejects.toThrow("frames.context.before is not the same, got 2, was 1");
});

test("a package without inputs has neither", async () => {
  const store = memoryStore();
  await labelAll({ teacher, dataset: recorded, store });
  const { manifest } = await openSoftLabels(store);
  expect([manifest.groups, manifest.text]).toEqual([undefined, undefined]);
});

test("an interrupted labelling goes on to the same bytes, groups included", async () => {
  const [whole, parted] = [memoryStore(), memoryStore()];
  const options = { teacher, dataset: recorded, withInputs: true, samplesPerShard: 16 };
  await labelAll({ ...options, store: whole });
  for await (const { done } of label({ ...options, store: parted })) if (done >= 32) break;
  await labelAll({ ...options, store: parted });
  for (const name of await whole.list())
    expect(await parted.read(name), name).toEqual(await whole.read(name));
});

/** A package of three samples of the groups a and b. */
async function threeSamples() {
  const data = arrayDataset({
    ...{ name: "three", dtype: "uint8", shape: [1], data: Uint8Array.of(1, 2, 3) },
    ...{ labels: [0, 1, 0], classNames: ["x", "y"] },
  });
  const store = memoryStore();
  await labelAll({ teacher, dataset: plain, store });
  const { format, version, classCount, shards, samplesPerShard, ...header } = (
    await openSoftLabels(store)
  ).manifest;
  const target = memoryStore();
  const writer = await openSoftLabelWriter(
    target,
    {
      ...header,
      ...{ withInputs: true, sampleCount: 3, dataHash: data.hash(), dataName: "three" },
      ...{ sample: { dtype: "uint8", shape: [1] }, preprocessing: data.preprocessing },
      classNames: data.classNames,
      groups: { names: ["a", "b"], whole: false, local: false },
    },
    { samplesPerShard: 2 },
  );
  const batch = {
    keys: [data.key(0), data.key(1), data.key(2)],
    labels: data.labels,
    logits: new Float32Array(3 * 2),
    inputs: Uint8Array.of(1, 2, 3),
  };
  return { writer, batch, store: target };
}

test.each([
  ["a group that the header is without", ["a", "c", "a"], 'must be one of the header\'s, got "c"'],
  ["too few groups", ["a"], "3 keys need as many groups, got 1"],
  ["no groups", undefined, "this package stores every sample's group, got none"],
])("%s is refused", async (_, groups, message) => {
  const { writer, batch } = await threeSamples();
  await expect(writer.add({ ...batch, ...(groups && { groups }) })).rejects.toThrow(message);
});

test("a batch's groups go to the shards that its samples go to", async () => {
  const { writer, batch, store } = await threeSamples();
  await writer.add({ ...batch, groups: ["a", "a", "b"] });
  await writer.close();
  expect((await openSoftLabels(store)).asDataset().groups).toEqual(["a", "a", "b"]);
  const manifest = JSON.parse(new TextDecoder().decode(await store.read("manifest.json")));
  manifest.groups.names.pop();
  await store.write("manifest.json", new TextEncoder().encode(JSON.stringify(manifest)));
  await expect(openSoftLabels(store)).rejects.toThrow(
    "a group is 0 to 0, a number in the manifest's list, got 1 for sample 2",
  );
});

test("groups without inputs are refused", async () => {
  const store = memoryStore();
  await labelAll({ teacher, dataset: plain, store });
  const { format, version, classCount, shards, samplesPerShard, ...header } = (
    await openSoftLabels(store)
  ).manifest;
  const groups = { names: ["a"], whole: true, local: false };
  await expect(openSoftLabelWriter(memoryStore(), { ...header, groups })).rejects.toThrow(
    "groups stand only in packages with inputs",
  );
});
