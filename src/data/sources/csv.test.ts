import { parse as parseInBrowser } from "csv-parse/browser/esm/sync";
import { parse as parseInNode } from "csv-parse/sync";
import { expect, test } from "vitest";
import { parseTable as parseTableWith, type Table } from "./csv.ts";
import type { CsvOptions } from "./data-spec.ts";

function parseTable(text: string, where: string, options: CsvOptions): Table {
  return parseTableWith(parseInNode, text, where, options);
}

test("both builds of csv-parse give the same table", () => {
  const text = 'a,"b ü",k\n1,2,"x, y"\n';
  expect(parseTableWith(parseInBrowser, text, "t", {})).toEqual(parseTable(text, "t", {}));
  expect(() => parseTableWith(parseInBrowser, `${text}1,2`, "t", {})).toThrowError(
    expect.objectContaining({ code: "file/columns" }),
  );
});

test("reads features, class and lines; quoted cells, empty lines and a byte-order mark are fine", () => {
  const table = parseTable(
    '\uFEFFa,"b, c",kind\r\n1,-2.5e1,x\r\n\r\n .5 , 3,"y ""z"""\r\n',
    "t.csv",
    {},
  );
  expect([table.dtype, table.shape, Array.from(table.data)]).toEqual([
    "float32",
    [2],
    [1, -25, 0.5, 3],
  ]);
  expect([table.classes, table.groups, Array.from(table.lines)]).toEqual([
    ["x", 'y "z"'],
    null,
    [2, 4],
  ]);
});

test.each([
  ["a,b,c", "1,2,x"],
  ["a;b;c", "1;2;x"],
  ["a\tb\tc", "1\t2\tx"],
  ['"a;b;d;e",b,c', "1,2,x"],
  ["a,b;c;d", "1;2;x"],
])("takes the delimiter that the first line holds most of: %j", (header, line) => {
  expect(Array.from(parseTable(`${header}\n${line}\n`, "t", {}).data)).toEqual([1, 2]);
});

test("a given delimiter is used whatever the first line looks like", () => {
  const table = parseTable("a,b;c,d;k\n1;2;x\n", "t", { delimiter: ";" });
  expect([Array.from(table.data), table.classes]).toEqual([[1, 2], ["x"]]);
});

test("a byte-order mark is not part of the first column's name", () => {
  expect(parseTable("\uFEFFkind,a\nx,1\n", "t", { label: "kind" }).classes).toEqual(["x"]);
});

test("label, group and ignored columns by name or number", () => {
  const text = "id,class,x,speaker,y\n7,cat,1,anna,2\n8,dog,3,ben,4\n";
  const table = parseTable(text, "t", { label: "class", group: "speaker", ignore: ["id"] });
  expect([Array.from(table.data), table.classes, table.groups]).toEqual([
    [1, 2, 3, 4],
    ["cat", "dog"],
    ["anna", "ben"],
  ]);
  const bare = { header: false, label: 1, group: 3, ignore: [0] };
  const lines = text.slice(text.indexOf("\n") + 1);
  expect(parseTable(lines, "t", bare).data).toEqual(table.data);
  expect(Array.from(parseTable(lines, "t", bare).lines)).toEqual([1, 2]);
});

test("a column without a name, or with another's, is left out by its number", () => {
  const pandas = parseTable(",x,kind\n0,1,a\n1,2,b\n", "t", { ignore: [0] });
  expect([Array.from(pandas.data), pandas.columns]).toEqual([[1, 2], ["x"]]);
  const twice = parseTable("kind,x,kind\na,1,7\n", "t", { label: 0, ignore: [2] });
  expect([Array.from(twice.data), twice.classes]).toEqual([[1], ["a"]]);
});

test("a name that means several columns is fine where nothing is chosen by it", () => {
  const bands = parseTable("bands,bands,bands,k\n1,2,3,a\n", "t", {});
  expect([Array.from(bands.data), bands.columns]).toEqual([
    [1, 2, 3],
    ["bands", "bands", "bands"],
  ]);
  const text = "activity,x,activity,id,id\n7,1,9,4,5\n";
  const byNumber = parseTable(text, "t", { label: 0, group: 3, ignore: [4] });
  expect([Array.from(byNumber.data), byNumber.classes, byNumber.groups]).toEqual([
    [1, 9],
    ["7"],
    ["4"],
  ]);
});

test("no class column, unlabelled cells, uint8 pixels of a shape", () => {
  const image = parseTable("a,b,c,d\n0,255,3,4\n", "t", {
    label: null,
    dtype: "uint8",
    shape: [1, 2, 2],
  });
  expect([image.data, image.shape, image.classes]).toEqual([
    Uint8Array.of(0, 255, 3, 4),
    [1, 2, 2],
    [undefined],
  ]);
  expect(parseTable("a,k\n1,?\n2,x\n", "t", { unlabelled: "?" }).classes).toEqual([undefined, "x"]);
});

test.each<[string, CsvOptions, string, string]>([
  [
    "a,b,k\n1,2,x\n1,two,x\n",
    {},
    "data/number",
    't.csv, line 3, column "b": features must be finite numbers, got "two". Correct the cell, remove the line, or add the column to ignore.',
  ],
  [
    "a,b,k\n1,,x\n",
    {},
    "data/number",
    't.csv, line 2, column "b": features must be finite numbers, got an empty cell. Correct the cell, remove the line, or add the column to ignore.',
  ],
  [
    "a,b,k\n1,NaN,x\n",
    {},
    "data/not-finite",
    't.csv, line 2, column "b": features must be finite numbers, got "NaN". Correct the cell, remove the line, or add the column to ignore.',
  ],
  [
    "a,b,k\n1,1e999,x\n",
    {},
    "data/not-finite",
    't.csv, line 2, column "b": features must be finite numbers, got "1e999". Correct the cell, remove the line, or add the column to ignore.',
  ],
  [
    "a,b,k\n1,0x10,x\n",
    {},
    "data/number",
    't.csv, line 2, column "b": features must be finite numbers, got "0x10". Correct the cell, remove the line, or add the column to ignore.',
  ],
  [
    "a,b,k\n1,2,x\n",
    { header: false },
    "data/number",
    't.csv, line 1, column "0": features must be finite numbers, got "a". Set header: true if line 1 names the columns.',
  ],
  [
    "1,2,3\n4,5,6\n",
    {},
    "file/columns",
    "t.csv, line 1: the header must name columns, got only numbers (1, 2, 3, …). Set header: false if line 1 is a sample.",
  ],
  [
    "a,b,k\n1,2,x\n1,x\n",
    {},
    "file/columns",
    't.csv: every line must be well-formed and have as many cells as the first, got Invalid Record Length: expect 3, got 2 on line 3. Correct the line; cells are separated by ",".',
  ],
  [
    "a,b,k\n1,2,\n",
    {},
    "data/label",
    't.csv, line 2: every sample must have a class, got an empty cell. Fill it in, or set unlabelled: "" if empty means that the class is not known.',
  ],
  [
    "a,speaker,k\n1,ann,x\n2, ,x\n",
    { group: "speaker" },
    "data/group",
    "t.csv, line 3: every sample must have a group, got an empty cell. Fill it in; or, to split by sample, leave group out and add the column to ignore.",
  ],
  [
    "x,id,k,id\n1,2,a,3\n",
    { label: "k", group: "id" },
    "file/columns",
    't.csv, line 1: a name must mean one column, got "id" for columns 1, 3. Rename one, or use their numbers in the recipe.',
  ],
  [
    "a,b,kind\n1,2,x\n",
    { label: "knid" },
    "config/unknown-name",
    't.csv: unknown column "knid". Did you mean "kind"? Valid: a, b, kind.',
  ],
  [
    ",x,k\n0,1,a\n1,2,b\n",
    {},
    "file/columns",
    "t.csv, line 1: every feature column must have a name, got none for column 0. Leave it out with ignore: [0] if it only numbers the lines, as pandas' index does; else name it.",
  ],
  [
    "Unnamed: 0,x,k\n0,1,a\n1,2,b\n",
    {},
    "file/columns",
    't.csv, line 1: every feature column must have a name, got "Unnamed: 0" for column 0. Leave it out with ignore: [0] if it only numbers the lines, as pandas\' index does; else name it.',
  ],
  [
    "k,x,k\n1,1,a\n2,2,b\n",
    {},
    "file/columns",
    't.csv, line 1: a name must mean one column, got "k" for columns 0, 2. Rename one, or use their numbers in the recipe.',
  ],
  [
    "k,x,k\n1,1,a\n2,2,b\n",
    { label: "k", ignore: [2] },
    "file/columns",
    't.csv, line 1: a name must mean one column, got "k" for columns 0, 2. Rename one, or use their numbers in the recipe.',
  ],
  [
    "a,b,k\n",
    {},
    "data/empty",
    "t.csv: the table must hold a sample, got none. Check that the right file was given.",
  ],
  [
    "",
    {},
    "data/empty",
    "t.csv: the table must hold a sample, got none. Check that the right file was given.",
  ],
  [
    "k\nx\n",
    {},
    "data/empty",
    "t.csv: there must be a feature column beside class and group, got columns k. Check the delimiter and the ignored columns.",
  ],
  [
    "a,b,k\n1,2,x\n",
    { shape: [1, 3] },
    "data/shape",
    "t.csv: the sample shape [1, 3] must hold as many elements as there are feature columns, got 2 columns. Correct the shape, or the columns to ignore.",
  ],
  [
    "a,b,k\n1,300,x\n",
    { dtype: "uint8" },
    "data/dtype",
    "t.csv: values must be integers 0 … 255 to be kept as uint8, got 300 at element 1. Leave out dtype: uint8, or scale the values before storing them.",
  ],
])("refused: %j %o", (text, options, code, message) => {
  expect(() => parseTable(text, "t.csv", options)).toThrowError(
    expect.objectContaining({ code, message }),
  );
});
