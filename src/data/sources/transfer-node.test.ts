import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, expect, test } from "vitest";
import type { Dataset } from "../dataset.ts";
import type { DataSpec } from "./data-spec.ts";
import { loadData } from "./load-node.ts";

const golden = fileURLToPath(new URL("../../../test/golden/data", import.meta.url));
const at = (name: string): string => join(golden, name);
const scratch = mkdtempSync(join(tmpdir(), "transfer-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let files = 0;
function written(name: string, content: string | Uint8Array): string {
  const path = join(scratch, `${files++}-${name}`);
  writeFileSync(path, content);
  return path;
}

function table(columns: Readonly<Record<string, readonly (number | string)[]>>): string {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data: [...data] }));
  return written("table.parquet", new Uint8Array(parquetWriteBuffer({ columnData })));
}

/** Every sample as numbers. */
async function samplesOf(dataset: Dataset): Promise<readonly (readonly number[])[]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const into = new Float32Array(dataset.length * size);
  const raw = dataset.dtype === "uint8" ? new Uint8Array(into.length) : into;
  const typed = dataset.dtype === "int32" ? new Int32Array(into.length) : raw;
  await dataset.gather(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
    typed,
  );
  return Array.from({ length: dataset.length }, (_, i) => [
    ...typed.subarray(i * size, (i + 1) * size),
  ]);
}

const idx = { images: at("images.idx"), labels: at("labels.idx") };
const npy = { samples: at("pixels-u1.npy"), labels: at("labels-i8.npy") };
const npz = { file: at("stored.npz"), samples: "x", labels: "y" };

test.each<[string, DataSpec, DataSpec]>([
  [
    "idx",
    { source: "idx", ...idx, transfer: { images: idx.images } },
    { source: "idx", images: idx.images, classNames: ["0", "1", "2"] },
  ],
  [
    "npy",
    { source: "npy", ...npy, transfer: { samples: npy.samples } },
    { source: "npy", samples: npy.samples, classNames: ["0", "1", "2"] },
  ],
  [
    "npz: an array of the same file",
    { source: "npz", ...npz, transfer: { samples: "x" } },
    { source: "npz", ...npz },
  ],
])("%s: the samples to train with, then those of transfer, without class", async (_, spec, of) => {
  const { transfer: __, ...plain } = spec as DataSpec & { readonly transfer: object };
  const { train } = await loadData(plain);
  const { train: further } = await loadData(of);
  const { train: both, test: none } = await loadData(spec);
  expect(none).toBeNull();
  expect(await samplesOf(both)).toEqual([
    ...(await samplesOf(train)),
    ...(await samplesOf(further)),
  ]);
  const unknown = new Array<number>(further.length).fill(-1);
  expect([...both.labels]).toEqual([...train.labels, ...unknown]);
  expect([both.name, both.classNames, both.shape, both.dtype, both.preprocessing]).toEqual([
    ...[train.name, train.classNames, train.shape, train.dtype, train.preprocessing],
  ]);
});

const rows = "width,height,kind\n1,2,cat\n3,4,dog\n";

test.each([
  ["a table without a column of classes", "width,height\n5,6\n7,8\n"],
  ["classes, which are not read", "width,height,kind\n5,6,cat\n7,8,bird\n"],
  ["empty classes", "width,height,kind\n5,6,\n7,8,\n"],
  ["other columns, and another order", "height,place,width\n6,here,5\n8,there,7\n"],
])("csv: %s", async (_, further) => {
  const [file, transfer] = [written("a.csv", rows), { file: written("b.csv", further) }];
  const { train } = await loadData({ source: "csv", file, transfer });
  expect(await samplesOf(train)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
  expect([[...train.labels], train.classNames]).toEqual([
    [0, 1, -1, -1],
    ["cat", "dog"],
  ]);
});

test("csv: without a header columns are counted, and one that is ignored is in both", async () => {
  const file = written("a.csv", "9,1,2,cat\n9,3,4,dog\n");
  const transfer = { file: written("b.csv", "9,5,6\n") };
  const spec = { source: "csv", file, header: false, ignore: [0], transfer } as const;
  const { train } = await loadData(spec);
  expect(await samplesOf(train)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
});

test("csv: groups are read from both; ignored columns may be missing", async () => {
  const file = written("a.csv", "id,x,who,kind\n7,1,ann,cat\n8,2,ben,dog\n");
  const transfer = { file: written("b.csv", "x,who\n3,ann\n4,eve\n") };
  const { train } = await loadData({
    ...{ source: "csv", file, group: "who", ignore: ["id"], transfer },
  });
  expect([train.groups, await samplesOf(train)]).toEqual([
    ["ann", "ben", "ann", "eve"],
    [[1], [2], [3], [4]],
  ]);
});

test.each(["x,who,note\n3,ann,n1\n4,eve,n2\n", "who,x\nann,3\neve,4\n"])(
  "a group that is given by number is the same column by name: %j",
  async (further) => {
    const transfer = { file: written("b.csv", further) };
    const file = written("a.csv", "x,kind,who\n1,cat,ann\n2,dog,ben\n");
    const { train } = await loadData({ source: "csv", file, label: "kind", group: 2, transfer });
    expect(train.groups).toEqual(["ann", "ben", "ann", "eve"]);
    const texts = written("a.csv", "x,kind,who\none,cat,ann\ntwo,dog,ben\n");
    const spec = { source: "text", file: texts, text: "x", label: "kind", group: 2 } as const;
    expect((await loadData({ ...spec, transfer })).train.groups).toEqual(train.groups);
  },
);

test("parquet: what is ignored may be missing", async () => {
  const file = table({ id: [7, 8], x: [1, 2], label: ["cat", "dog"] });
  const transfer = { file: table({ x: [3] }) };
  const { train } = await loadData({ source: "parquet", file, ignore: ["id"], transfer });
  expect(await samplesOf(train)).toEqual([[1], [2], [3]]);
});

test("text: the vocabulary is the labelled table's", async () => {
  const file = written("a.csv", "text,kind\ngood news,a\nbad news,b\n");
  const transfer = { file: written("b.csv", "text\nno good\n") };
  const { train } = await loadData({ source: "text", file, length: 2, transfer });
  expect(train.text?.vocabulary).toEqual(["<padding>", "<unknown>", "news", "bad", "good"]);
  expect([await samplesOf(train), [...train.labels]]).toEqual([
    [
      [4, 2],
      [3, 2],
      [1, 4],
    ],
    [0, 1, -1],
  ]);
});

test("text: the column of the labelled table, whatever stands beside it", async () => {
  const file = written("a.csv", "text,kind\ngood news,a\nbad news,b\n");
  const spec = { source: "text", file, length: 2 } as const;
  for (const further of ["id,text,kind\n7,no good,x\n", "kind,text\n,no good\n"]) {
    const { train } = await loadData({ ...spec, transfer: { file: written("b.csv", further) } });
    expect((await samplesOf(train)).at(-1)).toEqual([1, 4]);
  }
  const other = { file: written("b.csv", "note\nno good\n") };
  await expect(loadData({ ...spec, transfer: other })).rejects.toThrow('unknown column "text"');
});

test("parquet: the same columns by name, whatever stands beside them", async () => {
  const file = table({ x: [1, 2], y: [3, 4], label: ["cat", "dog"] });
  const transfer = { file: table({ y: [6], label: ["bird"], x: [5] }) };
  const { train } = await loadData({ source: "parquet", file, transfer });
  expect([await samplesOf(train), [...train.labels]]).toEqual([
    [
      [1, 3],
      [2, 4],
      [5, 6],
    ],
    [0, 1, -1],
  ]);
});

const images = { source: "images", folder: at("images"), size: [3, 4], channels: 3 } as const;

test("images: those of a folder and of all below it", async () => {
  const folder = join(scratch, "photos");
  cpSync(join(at("images"), "cat"), folder, { recursive: true });
  cpSync(join(at("images"), "dog"), join(folder, "2026", "may"), { recursive: true });
  writeFileSync(join(folder, ".hidden"), "");
  const { train } = await loadData({ ...images, transfer: { folder } });
  const [first, second, third, fourth] = await samplesOf((await loadData(images)).train);
  const samples = await samplesOf(train);
  expect([train.length, [...train.labels]]).toEqual([8, [0, 0, 1, 1, -1, -1, -1, -1]]);
  expect(samples.slice(4)).toEqual([third, fourth, first, second]); // by path: 2026/… comes first
});

test("images of a Parquet file need no label there", async () => {
  const file = at("images.parquet");
  const spec = { source: "parquet", file, size: [2, 2], channels: 1 } as const;
  const { train: plain } = await loadData(spec);
  const { train } = await loadData({ ...spec, transfer: { file } });
  expect([...train.labels]).toEqual([...plain.labels, ...plain.labels.map(() => -1)]);
});

test("a test part stands beside it", async () => {
  const [file, further] = [written("a.csv", rows), written("b.csv", "width,height\n5,6\n")];
  const held = written("c.csv", "width,height,kind\n7,8,dog\n");
  const { train, test } = await loadData({
    ...{ source: "csv", file, test: { file: held }, transfer: { file: further } },
  });
  expect([train.length, await samplesOf(test!), [...test!.labels]]).toEqual([3, [[7, 8]], [1]]);
});

const other = join(scratch, "other");
mkdirSync(other);
writeFileSync(join(other, "notes.txt"), "");

test.each<[string, DataSpec, string, RegExp]>([
  [
    "samples of another shape",
    { source: "idx", ...idx, transfer: { images: at("floats.idx") } },
    "data/shape",
    /floats\.idx: transfer samples must be uint8 \[1, 2, 3\] as the training samples are/,
  ],
  [
    "groups on one side alone",
    { source: "npz", ...npz, groups: "speaker", transfer: { samples: "x" } },
    "data/groups",
    /samples need groups where those of stored\.npz have them, got none\. Give both groups/,
  ],
  [
    "a feature that is missing",
    {
      ...{ source: "csv", file: written("a.csv", rows) },
      transfer: { file: written("b.csv", "width,kind\n1,cat\n") },
    },
    "config/unknown-name",
    /b\.csv: unknown column "height"/,
  ],
  [
    "a file that is no image",
    { ...images, transfer: { folder: other } },
    "file/unsupported",
    /notes\.txt: the folder may hold only images/,
  ],
  [
    "no image",
    { ...images, transfer: { folder: mkdtempSync(join(scratch, "empty")) } },
    "data/empty",
    /there must be an image, got none/,
  ],
])("refused: %s", async (_, spec, code, message) => {
  await expect(loadData(spec)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

function npyOf(type: "<f4" | "<i4", shape: readonly number[], values: readonly number[]): string {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = `${header.padEnd(117)}\n`;
  const head = Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), Buffer.from([118, 0])]);
  const data = type === "<f4" ? Float32Array.from(values) : Int32Array.from(values);
  return written("a.npy", Buffer.concat([head, Buffer.from(padded), Buffer.from(data.buffer)]));
}

const frames = {
  source: "frames",
  features: npyOf("<f4", [3, 2], [1, 2, 3, 4, 5, 6]),
  lengths: npyOf("<i4", [2], [2, 1]),
  labels: npyOf("<i4", [3], [0, 1, 1]),
  context: { before: 0, after: 0 },
  standardize: false,
} as const;
const further = {
  features: npyOf("<f4", [3, 2], [7, 8, 9, 10, 11, 12]),
  lengths: npyOf("<i4", [2], [1, 2]),
};

test("frames: recordings of their own, with groups of their own", async () => {
  const { train } = await loadData({ ...frames, transfer: further });
  expect(await samplesOf(train)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
    [11, 12],
  ]);
  expect([[...train.labels], train.groups]).toEqual([
    [0, 1, 1, -1, -1, -1],
    ["0", "0", "1", "transfer/0", "transfer/1", "transfer/1"],
  ]);
  expect([...train.recordings!.of]).toEqual([0, 0, 1, 2, 3, 3]);
});

test("frames: speakers are those of both files", async () => {
  const groups = npyOf("<i4", [2], [7, 8]);
  const { train } = await loadData({ ...frames, groups, transfer: { ...further, groups } });
  expect(train.groups).toEqual(["7", "7", "8", "7", "8", "8"]);
  await expect(loadData({ ...frames, groups, transfer: further })).rejects.toMatchObject({
    code: "data/groups",
    message: expect.stringContaining("name their groups if the others do, got none"),
  });
});

test("frames: another number of features is refused", async () => {
  const transfer = { ...further, features: npyOf("<f4", [2, 3], [1, 2, 3, 4, 5, 6]) };
  await expect(
    loadData({ ...frames, transfer: { ...transfer, lengths: npyOf("<i4", [1], [2]) } }),
  ).rejects.toMatchObject({
    code: "data/shape",
    message: expect.stringContaining("transfer frames must have 2 features"),
  });
});
