import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, test } from "vitest";
import { isDistillError } from "../../errors/index.ts";
import type { Dataset } from "../dataset.ts";
import type { ParquetSpec } from "./data-spec.ts";
import { loadData } from "./load-node.ts";

const golden = fileURLToPath(new URL("../../../test/golden/data", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "parquet-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const numbers = join(golden, "numbers.parquet");
const images = join(golden, "images.parquet");

function written(name: string, bytes: Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}

type Columns = Parameters<typeof parquetWriteBuffer>[0];
const table = (name: string, options: Columns): string =>
  written(name, new Uint8Array(parquetWriteBuffer(options)));

async function load(spec: Omit<ParquetSpec, "source">): Promise<Dataset> {
  return (await loadData({ source: "parquet", ...spec })).train;
}

async function elementsOf(dataset: Dataset): Promise<number[]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1) * dataset.length;
  const into = dataset.dtype === "uint8" ? new Uint8Array(size) : new Float32Array(size);
  await dataset.gather(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
    into,
  );
  return Array.from(into);
}

async function codeOf(spec: Omit<ParquetSpec, "source">): Promise<string> {
  const error: unknown = await load(spec).catch((e: unknown) => e);
  if (!isDistillError(error)) throw new Error("not refused", { cause: error });
  return error.code;
}

describe("files written by hand from the format's specification", () => {
  test("number columns over two row groups; -1 is unlabelled", async () => {
    const data = await load({ file: numbers, group: "speaker" });
    expect([data.shape, data.dtype, data.groups]).toEqual([
      [2],
      "float32",
      ["ann", "bob", "ann", "cy"],
    ]);
    expect([[...data.labels], data.classNames]).toEqual([
      [0, 2, 1, -1],
      ["0", "1", "2"],
    ]);
    const expected = [0.5, 1, -1.25, 2, 3, -4, 1e-3, 8.5].map(Math.fround);
    expect(await elementsOf(data)).toEqual(expected);
  });

  test("Hugging Face's image layout with the metadata's class names", async () => {
    const data = await load({ file: images, size: [2, 2], channels: 1 });
    expect([data.shape, data.dtype, data.name]).toEqual([[1, 2, 2], "uint8", "images.parquet"]);
    expect([[...data.labels], data.classNames]).toEqual([
      [2, 0, 1],
      ["cat", "dog", "eel"],
    ]);
    expect(await elementsOf(data)).toEqual([0, 20, 30, 255, 10, 21, 30, 254, 20, 22, 30, 253]);
  });
});

describe("files of another writer", () => {
  test("dictionary pages, snappy, text classes, lists and 64-bit integers; several files", async () => {
    const part = (name: string, at: number): string =>
      table(name, {
        columnData: [
          { name: "id", data: [at, at + 1], type: "INT32" },
          { name: "count", data: [BigInt(at), 2n], type: "INT64" },
          {
            name: "pair",
            data: [
              [at, 1],
              [2, 3],
            ],
          },
          { name: "kind", data: ["eel", at === 0 ? "ant" : null], type: "STRING" },
        ],
      });
    const file = [part("a.parquet", 0), part("b.parquet", 10)];
    const data = await load({ file, label: "kind", ignore: ["id"] });
    expect([data.classNames, [...data.labels]]).toEqual([
      ["ant", "eel"],
      [1, 0, 1, -1],
    ]);
    expect(await elementsOf(data)).toEqual([0, 0, 1, 2, 2, 3, 10, 10, 1, 2, 2, 3]);
  });

  test("uint8 on request, as an image, with classes named by the recipe, and a test part", async () => {
    const rows = (name: string, labels: number[]): string =>
      table(name, {
        columnData: [
          ...[7, 0, 255, 9].map((v, i) => ({ name: `p${i}`, data: labels.map(() => v) })),
          { name: "label", data: labels, type: "INT32" as const },
        ],
        rowGroupSize: 2,
      });
    const spec: ParquetSpec = {
      source: "parquet",
      file: rows("train.parquet", [0, 1, 0]),
      dtype: "uint8",
      shape: [1, 2, 2],
      classNames: ["a", "b", "c"],
      test: { file: rows("test.parquet", [2]) },
    };
    const { train, test: held } = await loadData(spec);
    expect([train.dtype, train.shape, [...train.labels]]).toEqual(["uint8", [1, 2, 2], [0, 1, 0]]);
    expect([held?.classNames, [...held!.labels]]).toEqual([["a", "b", "c"], [2]]);
    expect(await elementsOf(held!)).toEqual([7, 0, 255, 9]);
  });
});

test("an empty group is refused", async () => {
  const label = { name: "label", data: [0, 1] };
  for (const nothing of [null, ""]) {
    const who = { name: "who", data: ["ann", nothing] };
    const file = table("groups", { columnData: [{ name: "x", data: [5, 6] }, who, label] });
    await expect(load({ file, group: "who" })).rejects.toMatchObject({
      code: "data/group",
      message: `${file}, row 1: every sample must have a group, got an empty cell. Fill it in; or, to split by sample, leave group out and add the column to ignore.`,
    });
  }
});

describe("pandas' index", () => {
  const pandas = (index: unknown) => [
    { key: "pandas", value: JSON.stringify({ index_columns: [index] }) },
  ];
  const x = { name: "x", data: [5, 6] };
  const label = { name: "label", data: [0, 1] };
  const of = (name: string) => ({ name, data: [3, 7] });

  test("is no feature if it has no name; a test part need not have it", async () => {
    const name = "__index_level_0__";
    const indexed = { columnData: [x, label, of(name)], kvMetadata: pandas(name) };
    const file = table("indexed", indexed);
    const spec = { source: "parquet", file, label: "label" } as const;
    const plain = table("plain", { columnData: [x, label] });
    const { train, test: held } = await loadData({ ...spec, test: { file: plain } });
    expect(await elementsOf(train)).toEqual([5, 6]);
    expect(await elementsOf(held!)).toEqual([5, 6]);
    expect(await elementsOf(await load({ file, ignore: [name] }))).toEqual([5, 6]);
    expect((await load({ file, group: name })).groups).toEqual(["3", "7"]);
  });

  test("is refused as a feature if it has a name, unless it is a range of numbers", async () => {
    const columnData = [x, of("id"), label];
    const file = table("named", { columnData, kvMetadata: pandas("id") });
    await expect(load({ file })).rejects.toMatchObject({
      code: "file/columns",
      message: `${file}, column "id": a table's index is no feature, got the one that pandas' metadata name. Add it to ignore, or write the table with reset_index() if it is a feature.`,
    });
    expect(await elementsOf(await load({ file, ignore: ["id"] }))).toEqual([5, 6]);
    const range = pandas({ kind: "range", name: "id", start: 0, stop: 2, step: 1 });
    const kept = table("range", { columnData, kvMetadata: range });
    expect(await elementsOf(await load({ file: kept }))).toEqual([5, 3, 6, 7]);
  });

  test("is refused as a feature if a table of text was read with it", async () => {
    const file = table("unnamed", { columnData: [of("Unnamed: 0"), x, label] });
    await expect(load({ file })).rejects.toMatchObject({
      code: "file/columns",
      message: `${file}: every feature column must have a name, got "Unnamed: 0" for column 0. Leave it out with ignore: ["Unnamed: 0"] if it only numbers the lines, as pandas' index does; else name it.`,
    });
  });
});

describe("refused", () => {
  const bytes = new Uint8Array(readFileSync(numbers));
  test.each<[string, () => Omit<ParquetSpec, "source">, string]>([
    ["a missing file", () => ({ file: join(scratch, "none.parquet") }), "file/missing"],
    ["another format", () => ({ file: join(golden, "images.idx") }), "file/magic"],
    ["an empty file", () => ({ file: written("empty", new Uint8Array(0)) }), "file/magic"],
    ["a cut file", () => ({ file: written("cut", bytes.slice(0, -9)) }), "file/truncated"],
    ["a cut beginning", () => ({ file: written("four", bytes.slice(0, 4)) }), "file/truncated"],
    [
      "a middle that is gone",
      () => ({
        file: written("hole", Uint8Array.from([...bytes.slice(0, 40), ...bytes.slice(-8)])),
      }),
      "file/damaged",
    ],
    [
      "a label column that is not there",
      () => ({ file: numbers, label: "class" }),
      "config/unknown-name",
    ],
    ["text among the features", () => ({ file: numbers }), "data/number"],
    ["images without a size", () => ({ file: images }), "file/unsupported"],
    ["a size without channels", () => ({ file: images, size: [2, 2] }), "config/conflict"],
    ["a size without images", () => ({ file: numbers, size: [2, 2], channels: 1 }), "data/empty"],
    [
      "a shape that does not fit",
      () => ({ file: numbers, group: "speaker", shape: [3] }),
      "data/shape",
    ],
    [
      "numbers that uint8 cannot hold",
      () => ({ file: numbers, group: "speaker", dtype: "uint8" }),
      "data/dtype",
    ],
    [
      "a missing number",
      () => ({
        file: table("null", {
          columnData: [
            { name: "x", data: [1, null] },
            { name: "label", data: [0, 1] },
          ],
        }),
      }),
      "data/number",
    ],
    [
      "two columns of one name",
      () => ({
        file: table("twice", {
          columnData: [
            { name: "label", data: [0, 1] },
            { name: "x", data: [1, 2] },
            { name: "label", data: [0, 1] },
          ],
        }),
      }),
      "file/columns",
    ],
    [
      "classes that are no UTF-8",
      () => ({
        file: table("latin", {
          columnData: [
            { name: "x", data: [1, 2] },
            {
              name: "label",
              data: [Uint8Array.of(0x62, 0xe4, 0x72), Uint8Array.of(0x62, 0xf6, 0x72)],
              type: "BYTE_ARRAY",
            },
          ],
        }),
      }),
      "file/magic",
    ],
    [
      "an image outside the file",
      () => ({
        file: table("path", {
          columnData: [
            { name: "image", data: [{ bytes: null, path: "a.png" }] },
            { name: "label", data: [0] },
          ],
        }),
        image: "image",
        size: [2, 2],
        channels: 1,
      }),
      "file/unsupported",
    ],
  ])("%s", async (_, spec, code) => {
    expect(await codeOf(spec())).toBe(code);
  });

  test("the message says where and what to do", async () => {
    await expect(load({ file: numbers })).rejects.toThrow(
      `${numbers}, row 0, column "speaker": features must be numbers, or lists of numbers, got bytes. Remove the row, or add the column to ignore.`,
    );
  });
});

describe("several files, and a test part", () => {
  type Column = readonly [name: string, data: number[]];
  const ofNumbers = (name: string, columns: readonly Column[], classNames?: string[]): string =>
    table(name, {
      columnData: columns.map(([column, data]) => ({ name: column, data, type: "INT32" as const })),
      ...(classNames && {
        kvMetadata: [
          {
            key: "huggingface",
            value: JSON.stringify({
              info: { features: { label: { names: classNames, _type: "ClassLabel" } } },
            }),
          },
        ],
      }),
    });
  const size = [
    ["width", [1, 1]],
    ["height", [2, 2]],
    ["label", [0, 1]],
  ] as const satisfies Column[];
  const turned = [size[1], size[0], size[2]];
  const a = ofNumbers("a", size, ["cat", "dog"]);

  test.each<[string, readonly Column[], string[], string, RegExp]>([
    [
      "columns in another order",
      turned,
      ["cat", "dog"],
      "data/columns",
      /: width, height, got height, width\. /,
    ],
    ["classes in another order", size, ["dog", "cat"], "data/class", /: cat, dog, got dog, cat\. /],
  ])("%s are refused", async (name, columns, classNames, code, message) => {
    const b = ofNumbers(name, columns, classNames);
    for (const spec of [{ file: [a, b] }, { file: a, test: { file: b } }]) {
      const loading = loadData({ source: "parquet", ...spec });
      await expect(loading).rejects.toMatchObject({ code });
      await expect(loading).rejects.toThrow(message);
      await expect(loading).rejects.toThrow(b);
    }
  });

  test("classes that the recipe names are those, whatever the files say", async () => {
    const b = ofNumbers("renamed", size, ["dog", "cat"]);
    const { classNames } = await load({ file: [a, b], classNames: ["x", "y"] });
    expect(classNames).toEqual(["x", "y"]);
  });

  test("a class that is none is named by its own file and row", async () => {
    const data = [
      ["width", [1, 1]],
      ["height", [2, 2]],
      ["label", [0, -3]],
    ] as const satisfies Column[];
    const b = ofNumbers("bad", data);
    await expect(load({ file: [a, b] })).rejects.toThrow(`${b}, row 1: a class must be`);
  });
});
