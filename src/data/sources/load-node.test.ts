import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { arrayDataset } from "../array-dataset.ts";
import type { Dataset } from "../dataset.ts";
import { writeShards } from "../shards/index.ts";
import type { DataSpec } from "./data-spec.ts";
import { folderStore } from "./folder-store-node.ts";
import { loadData } from "./load-node.ts";

const golden = fileURLToPath(new URL("../../../test/golden/data", import.meta.url));
const expected = JSON.parse(readFileSync(join(golden, "expected.json"), "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "sources-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const at = (name: string): string => join(golden, name);

async function pixelsOf(dataset: Dataset): Promise<number[]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const length = dataset.length * size;
  const into = dataset.dtype === "uint8" ? new Uint8Array(length) : new Float32Array(length);
  await dataset.gather(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
    into,
  );
  return Array.from(into);
}

/** A changed copy of a golden file. */
function changed(name: string, change: (bytes: Uint8Array) => Uint8Array): string {
  const path = join(scratch, `${Math.random()}-${name}`);
  writeFileSync(path, change(new Uint8Array(readFileSync(at(name)))));
  return path;
}
function written(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}
const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - 5);
const flip = (where: number) => (bytes: Uint8Array) => bytes.with(where, bytes.at(where)! ^ 0x10);

/** Another shape in a .npy header of version 1, whose length stays. */
const reshaped = (shape: string) => (bytes: Uint8Array) => {
  const [start, end] = [10, 10 + bytes[8]! + 256 * bytes[9]!];
  const header = Buffer.from(bytes.subarray(start, end)).toString("latin1");
  const text = header.trim().replace(/\([^)]*\)/, shape);
  const result = Uint8Array.from(bytes);
  result.set(Buffer.from(`${text.padEnd(end - start - 1)}\n`, "latin1"), start);
  return result;
};

const npz = { source: "npz", samples: "x", labels: "y", groups: "speaker" } as const;

test.each<[string, DataSpec, readonly number[]]>([
  ["idx", { source: "idx", images: at("images.idx"), labels: at("labels.idx") }, [1, 2, 3]],
  [
    "idx.gz",
    { source: "idx", images: at("images.idx.gz"), labels: at("labels.idx.gz") },
    [1, 2, 3],
  ],
  ["npy", { source: "npy", samples: at("pixels-u1.npy"), labels: at("labels-i8.npy") }, [2, 3]],
  ["npy 2.0", { source: "npy", samples: at("version-2.npy"), labels: at("labels-i8.npy") }, [2, 3]],
  [
    "npy as image",
    { source: "npy", samples: at("pixels-u1.npy"), labels: at("labels-u2.npy"), shape: [1, 2, 3] },
    [1, 2, 3],
  ],
  ["npz", { ...npz, file: at("stored.npz") }, [2, 3]],
  ["npz, compressed", { ...npz, file: at("deflated.npz") }, [2, 3]],
])("%s: uint8 samples and labels as NumPy wrote them", async (_, spec, shape) => {
  const { train, test: held } = await loadData(spec);
  expect([train.dtype, train.shape, Array.from(train.labels), train.classNames, held]).toEqual([
    "uint8",
    shape,
    expected.labels,
    ["0", "1", "2"],
    null,
  ]);
  expect(await pixelsOf(train)).toEqual(expected.pixels);
  if (spec.source === "npz") expect(train.groups).toEqual(["7", "7", "8", "8", "9", "9"]);
});

test.each(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])("labels of type %s", async (type) => {
  const { train } = await loadData({
    source: "npy",
    samples: at("pixels-u1.npy"),
    labels: at(`labels-${type}.npy`),
  });
  expect(Array.from(train.labels)).toEqual(expected.labels);
});

test("float32 is taken as it is, float64 only when conversion is asked for", async () => {
  const labels = at("labels-i4.npy");
  const f4 = await loadData({ source: "npy", samples: at("floats-f4.npy"), labels });
  expect(await pixelsOf(f4.train)).toEqual(expected.floats_f4);
  expect(f4.train.key(0)).toBe(expected.key_of_floats);
  const f8 = { source: "npy", samples: at("floats-f8.npy"), labels } as const;
  expect(await pixelsOf((await loadData({ ...f8, dtype: "float32" })).train)).toEqual(
    expected.floats_f4,
  );
  await expect(loadData(f8)).rejects.toMatchObject({
    code: "data/dtype",
    message: `${f8.samples}: samples must be uint8 or float32, got NumPy type f8. Add dtype: float32 to convert, or store them as uint8 or float32.`,
  });
  const idx = await loadData({ source: "idx", images: at("floats.idx"), classNames: ["a"] });
  expect(await pixelsOf(idx.train)).toEqual(expected.floats_f4);
  expect(Array.from(idx.train.labels)).toEqual([-1, -1, -1, -1, -1, -1]);
});

test("a test part takes the training classes and must have the same shape", async () => {
  const pair = { images: at("images.idx"), labels: at("labels.idx") };
  const classNames = ["zero", "one", "two", "three"];
  const { test: held } = await loadData({ source: "idx", ...pair, classNames, test: pair });
  expect(held?.classNames).toEqual(classNames);
  const floats = { images: at("floats.idx"), labels: at("labels.idx") };
  await expect(loadData({ source: "idx", ...pair, test: floats })).rejects.toMatchObject({
    code: "data/shape",
    message:
      "floats.idx: test samples must be uint8 [1, 2, 3] as the training samples are, got float32 [4]. Give test data of the same kind.",
  });
});

test("a table to test on has the training table's columns, in their order", async () => {
  const train = written("train.csv", "width,height,label\n1,2,a\n3,4,b\n");
  const held = written("test.csv", "height,width,label\n2,1,a\n");
  const spec = { source: "csv", file: train, label: "label" } as const;
  await expect(loadData({ ...spec, test: { file: held } })).rejects.toMatchObject({
    code: "data/columns",
    message: `${held}: feature columns must be those of ${train}, in their order: width, height, got height, width. Name and order the columns alike, or ignore those that are not in both.`,
  });
  const plain = written("plain.csv", "2,1,a\n");
  const nameless = { ...spec, label: 2, header: false, file: plain } as const;
  const { test: same } = await loadData({ ...nameless, test: { file: plain } });
  expect(same?.length).toBe(1);
});

test("shards to test on are of the training shards' classes and preprocessing", async () => {
  const shards = async (name: string, changes: object): Promise<string> => {
    const folder = join(scratch, name);
    const data = Float32Array.of(1, 2);
    const dataset = arrayDataset({
      ...{ name, dtype: "float32", shape: [1], data, labels: [0, 1], classNames: ["cat", "dog"] },
      ...changes,
    });
    await writeShards(dataset, await folderStore(folder));
    return folder;
  };
  const folder = await shards("cats-dogs", {});
  const load = async (other: string) =>
    loadData({ source: "shards", folder, test: { folder: other } });
  expect((await load(await shards("alike", {}))).test?.length).toBe(2);
  await expect(load(await shards("turned", { classNames: ["dog", "cat"] }))).rejects.toThrow(
    "test samples must be of the classes cat, dog as the training samples are, got of the classes dog, cat",
  );
  const scaled = { preprocessing: { scale: 2, offset: 0 } };
  await expect(load(await shards("scaled", scaled))).rejects.toMatchObject({
    code: "data/preprocessing",
  });
});

test("a shape as Python 2 writes it", async () => {
  const floats = await loadData({ source: "npy", samples: at("floats-f4.npy"), classNames: ["a"] });
  const samples = changed("floats-f4.npy", reshaped("(6L, 4L)"));
  const { train } = await loadData({ source: "npy", samples, classNames: ["a"] });
  expect([train.shape, await pixelsOf(train)]).toEqual([[4], await pixelsOf(floats.train)]);
});

test("images: channels first, transparent is black, grey of 8 and 16 bits", async () => {
  const images = { source: "images", folder: at("images"), size: [3, 4] } as const;
  const { train } = await loadData({ ...images, channels: 3 });
  expect([train.classNames, Array.from(train.labels), train.shape]).toEqual([
    ["cat", "dog"],
    [0, 0, 1, 1],
    [3, 3, 4],
  ]);
  const pixels = await pixelsOf(train);
  expect(pixels.slice(0, 36)).toEqual(expected.colour_channels_first);
  expect(pixels.slice(36, 72)).toEqual(Array(36).fill(0));
  const { train: grey } = await loadData({ ...images, channels: 1 });
  const levels = await pixelsOf(grey);
  expect(grey.shape).toEqual([1, 3, 4]);
  expect(levels.slice(24, 36)).toEqual(expected.grey);
  expect(levels.slice(36, 48)).toEqual(expected.grey);
  const { train: small } = await loadData({ ...images, channels: 1, size: [2, 2] });
  expect([small.shape, small.length]).toEqual([[1, 2, 2], 4]);
});

test("a table becomes a data set; integer class names are ordered by value", async () => {
  const file = join(scratch, "table.csv");
  writeFileSync(file, "x,y,k\n1,2,10\n3,4,9\n5,6,10\n");
  const { train } = await loadData({ source: "csv", file });
  expect([train.classNames, Array.from(train.labels), await pixelsOf(train)]).toEqual([
    ["9", "10"],
    [1, 0, 1],
    [1, 2, 3, 4, 5, 6],
  ]);
  await expect(loadData({ source: "csv", file, classNames: ["9"] })).rejects.toMatchObject({
    code: "data/class",
    message: `${file}, line 2: the class must be one of 9, got "10". Correct it, or name every class in classNames.`,
  });
});

const good = { images: at("images.idx"), labels: at("labels.idx") };
const [gone, folder] = [join(scratch, "gone.idx"), scratch];
const refused: readonly [string, () => DataSpec, string, RegExp][] = [
  [
    "missing file",
    () => ({ source: "idx", images: gone }),
    "file/missing",
    /gone\.idx: images in IDX format must be readable, got no such file or folder\. Correct the path; relative paths start at the working directory\.$/,
  ],
  ["folder for a file", () => ({ source: "npy", samples: folder }), "file/unreadable", /EISDIR/],
  [
    "truncated idx",
    () => ({ source: "idx", ...good, images: changed("images.idx", cut) }),
    "file/truncated",
    /images\.idx: an IDX file of 6 x 2 x 3 must hold 52 bytes, got 47\. The file is cut off; copy or download it again\.$/,
  ],
  [
    "idx with bytes after its end",
    () => ({
      source: "idx",
      ...good,
      images: changed("images.idx", (b) => Uint8Array.of(...b, 0)),
    }),
    "file/too-long",
    /must hold 52 bytes, got 53/,
  ],
  [
    "wrong magic",
    () => ({ source: "idx", ...good, images: at("pixels-u1.npy") }),
    "file/magic",
    /pixels-u1\.npy: the first bytes must be those of an IDX file .*, got 93 4e 55 4d 50 59 01 00\. Give/,
  ],
  [
    "empty file",
    () => ({ source: "idx", images: changed("images.idx", () => new Uint8Array(0)) }),
    "file/magic",
    /got an empty file/,
  ],
  [
    "truncated gzip",
    () => ({ source: "idx", images: changed("images.idx.gz", cut) }),
    "file/damaged",
    /must decompress without error/,
  ],
  [
    "gzip cut in its header",
    () => ({ source: "idx", images: changed("images.idx.gz", (b) => b.subarray(0, 4)) }),
    "file/damaged",
    /gzip/,
  ],
  [
    "gzip with a wrong checksum",
    () => ({ source: "idx", images: changed("images.idx.gz", flip(-6)) }),
    "file/damaged",
    /got a wrong checksum/,
  ],
  [
    "label out of range",
    () => ({ source: "idx", ...good, classNames: ["a", "b"] }),
    "data/label",
    /labels\.idx: labels must be 0 … 1 \(there are 2 classes\), or -1 for unlabelled, got 2 for sample 1\. Correct/,
  ],
  [
    "label that leaves a gap",
    () => ({ source: "idx", ...good, labels: changed("labels.idx", (b) => b.with(10, 200)) }),
    "data/label",
    /without a gap unless classNames are given, got label 200 for sample 2, but no sample of class 3\. Correct/,
  ],
  [
    "labels of another set",
    () => ({ source: "npy", samples: at("labels-i1.npy"), labels: at("labels-i1.npy") }),
    "data/shape",
    /samples must be an array of two or more axes/,
  ],
  [
    "float labels",
    () => ({ source: "idx", ...good, labels: at("floats.idx") }),
    "data/label",
    /one axis/,
  ],
  [
    "not a number",
    () => ({ source: "npy", samples: at("nan.npy"), labels: at("labels-i8.npy") }),
    "data/not-finite",
    /nan\.npy: every value must be a finite number, got NaN in sample 3, element 1\. Remove/,
  ],
  [
    "truncated npy",
    () => ({ source: "npy", samples: changed("floats-f4.npy", cut) }),
    "file/truncated",
    /an array of shape \(6, 4\) must hold 224 bytes, got 219/,
  ],
  [
    "npy cut in its header",
    () => ({ source: "npy", samples: changed("floats-f4.npy", (b) => b.subarray(0, 40)) }),
    "file/truncated",
    /the \.npy header/,
  ],
  [
    "big-endian npy",
    () => ({ source: "npy", samples: at("floats-big-endian.npy") }),
    "file/unsupported",
    /little-endian, got >f4\. Save it as <f4\.$/,
  ],
  [
    "Fortran order",
    () => ({ source: "npy", samples: at("floats-fortran.npy") }),
    "file/unsupported",
    /Save numpy\.ascontiguousarray\(array\)\.$/,
  ],
  [
    "npy whose shape is no shape",
    () => ({ source: "npy", samples: changed("floats-f4.npy", reshaped("(6, x)")) }),
    "file/unsupported",
    /floats-f4\.npy: the shape must be whole numbers, got \(6, x\)\. Save it with numpy\.save\.$/,
  ],
  [
    "mistyped array",
    () => ({ ...npz, file: at("stored.npz"), groups: "speker" }),
    "data/array",
    /stored\.npz: there must be an array named "speker", got x, y, speaker\. Did you mean "speaker"\?/,
  ],
  ["truncated npz", () => ({ ...npz, file: changed("stored.npz", cut) }), "file/damaged", /npz/],
  [
    "damaged npz",
    () => ({ ...npz, file: changed("stored.npz", flip(180)) }),
    "file/damaged",
    /:x\.npy: a zip member must .* got a wrong checksum/,
  ],
  ["not a npz", () => ({ ...npz, file: at("floats-f4.npy") }), "file/magic", /numpy\.savez/],
  [
    "table that is not text",
    () => ({ source: "csv", file: at("images/cat/a.png") }),
    "file/magic",
    /a table must be UTF-8 text/,
  ],
  [
    "no such folder",
    () => ({ source: "images", folder: gone, size: [2, 2], channels: 1 }),
    "file/missing",
    /gone/,
  ],
  [
    "damaged image",
    () => {
      const path = join(scratch, "damaged", "cat");
      mkdirSync(path, { recursive: true });
      copyFileSync(at("images/cat/a.png"), join(path, "a.png"));
      writeFileSync(join(path, "b.png"), readFileSync(at("images/cat/b.png")).subarray(0, 60));
      return { source: "images", folder: join(path, ".."), size: [2, 2], channels: 1 };
    },
    "file/image",
    /damaged.cat.b\.png: the image must be readable, got .+ Repair or remove the file\.$/,
  ],
  [
    "another file among images",
    () => {
      const path = join(scratch, "mixed", "cat");
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "notes.txt"), "");
      return { source: "images", folder: join(path, ".."), size: [2, 2], channels: 1 };
    },
    "file/unsupported",
    /notes\.txt: class folders may hold only images/,
  ],
  [
    "images without class folders",
    () => ({ source: "images", folder: at("images/cat"), size: [2, 2], channels: 1 }),
    "file/unsupported",
    /one folder per class, got a\.png directly/,
  ],
  // an untyped caller
  [
    "unknown source",
    () => JSON.parse('{"source":"cvs"}'),
    "config/unknown-name",
    /unknown source "cvs"\. Did you mean "csv"\?/,
  ],
];
test.each(refused)("refused: %s", async (_, spec, code, message) => {
  await expect(loadData(spec())).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
