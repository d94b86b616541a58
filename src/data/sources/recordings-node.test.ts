import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isDistillError } from "../../errors/index.ts";
import type { Dataset } from "../dataset.ts";
import { splitDataset } from "../split.ts";
import { windowedDataset } from "../windows.ts";
import type { RecordingsSpec } from "./data-spec.ts";
import { loadData } from "./load-node.ts";

const scratch = mkdtempSync(join(tmpdir(), "recordings-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function put(name: string, content: string | Uint8Array): void {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A .npy file of float32 [steps, channels]; element (t, c) is `base + 10 t + c`. */
function npy(steps: number, channels: number, base: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${steps}, ${channels}), }`;
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
  const data = Float32Array.from(
    { length: steps * channels },
    (_, i) => base + 10 * Math.floor(i / channels) + (i % channels),
  );
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0];
  return Uint8Array.from([...magic, ...header, ...new Uint8Array(data.buffer)]);
}

for (const [name, base] of [
  ["a/1", 0],
  ["a/2", 1000],
  ["b/3", 2000],
] as const)
  put(`classes/${name}.npy`, npy(7, 2, base));
put("table/x.npy", npy(4, 1, 0));
put("table/deep/y.npy", npy(4, 1, 50));
put("labels.csv", "label,file,group\nup,x.npy,ann\n,deep/y.npy,ann\n");
const line = (t: number, label: string): string => `${t},${t * 0.5},${-t},${label}\n`;
const labels = ["up", "up", "down", "down", "down", "", "", ""];
put("steps/one.csv", `time,x,y,state\n${labels.map((label, t) => line(t, label)).join("")}`);

async function load(spec: Omit<RecordingsSpec, "source">): Promise<Dataset> {
  return (await loadData({ source: "recordings", ...spec })).train;
}

async function elementsOf(dataset: Dataset): Promise<number[][]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const into = new Float32Array(size * dataset.length);
  await dataset.gather(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
    into,
  );
  return Array.from({ length: dataset.length }, (_, i) => [
    ...into.subarray(i * size, (i + 1) * size),
  ]);
}

describe("windows", () => {
  test("folders are classes; whole windows only; a group is a recording", async () => {
    const data = await load({ folder: join(scratch, "classes"), window: 3, hop: 2 });
    expect([data.shape, data.classNames, [...data.labels]]).toEqual([
      [3, 2],
      ["a", "b"],
      [0, 0, 0, 0, 0, 0, 1, 1, 1],
    ]);
    expect(data.groups).toEqual(
      ["a/1", "a/2", "b/3"].flatMap((name) => Array(3).fill(`${name}.npy`)),
    );
    const elements = await elementsOf(data);
    expect(elements[1]).toEqual([20, 21, 30, 31, 40, 41]);
    expect(elements[8]).toEqual([2040, 2041, 2050, 2051, 2060, 2061]);
  });

  test("a table of labels gives classes and groups; an empty class is unlabelled", async () => {
    const folder = join(scratch, "table");
    const data = await load({ folder, labels: join(scratch, "labels.csv"), window: 4, hop: 1 });
    expect([data.groups, [...data.labels], data.classNames]).toEqual([
      ["ann", "ann"],
      [-1, 0],
      ["up"],
    ]);
  });

  test("the class of each time step: the majority; ties go to the first class, unknown last", async () => {
    const data = await load({
      folder: join(scratch, "steps"),
      window: 4,
      hop: 1,
      label: "state",
      ignore: ["time"],
      channels: ["y"],
    });
    expect([data.shape, data.classNames]).toEqual([
      [4, 1],
      ["down", "up"],
    ]);
    // up up down down | up down down down | down down down - | down down - - | down - - -
    expect([...data.labels]).toEqual([0, 0, 0, 0, -1]);
    expect((await elementsOf(data))[1]).toEqual([-1, -2, -3, -4]);
  });
});

describe("channels", () => {
  put("pandas/a/1.csv", ",x,y\n0,1,2\n1,3,4\n");
  put("pandas/b/2.csv", ",x,y\n0,5,6\n1,7,8\n");
  put("repeats/a/1.csv", "x,y,x\n1,2,3\n4,5,6\n");
  const pandas = { folder: join(scratch, "pandas"), window: 2, hop: 1 };
  const repeats = { folder: join(scratch, "repeats"), window: 2, hop: 1 };

  test("that are kept need names, others do not", async () => {
    for (const channels of [["y"], [2]])
      expect(await elementsOf(await load({ ...pandas, channels }))).toEqual([
        [2, 4],
        [6, 8],
      ]);
    for (const more of [{}, { channels: ["y", 0] }])
      await expect(load({ ...pandas, ...more })).rejects.toMatchObject({
        code: "file/columns",
        message: expect.stringContaining("every feature column must have a name, got none"),
      });
  });

  test("of one name are kept all or by number", async () => {
    expect(await elementsOf(await load(repeats))).toEqual([[1, 2, 3, 4, 5, 6]]);
    expect(await elementsOf(await load({ ...repeats, channels: [2, "y"] }))).toEqual([
      [3, 2, 6, 5],
    ]);
    await expect(load({ ...repeats, channels: ["x"] })).rejects.toMatchObject({
      code: "file/columns",
      message: `${repeats.folder}/a/1.csv, line 1: a name must mean one channel, got "x" for channels 0, 2. Rename one, or use their numbers in the recipe.`,
    });
  });
});

describe("a table of labels", () => {
  const folder = join(scratch, "table");
  let count = 0;
  /** Loads with a table of its own. */
  const withTable = (text: string | Uint8Array, more: Partial<RecordingsSpec> = {}) => {
    const labels = `tables/${count++}.csv`;
    put(labels, text);
    return load({ folder, labels: join(scratch, labels), window: 4, hop: 1, ...more });
  };

  test("may have any of the delimiters that tables have", async () => {
    const data = await withTable("file;label\nx.npy;up\ndeep/y.npy;down\n");
    expect([data.classNames, [...data.labels]]).toEqual([
      ["down", "up"],
      [0, 1],
    ]);
  });

  put("stepped/ann-1.csv", "0,state\n1,up\n2,up\n3,up\n4,up\n");
  put("stepped/ann-2.csv", "0,state\n5,up\n6,up\n7,up\n8,down\n");
  put("stepped/b/bob.npy", npy(4, 1, 0));
  const stepped = { folder: join(scratch, "stepped"), label: "state" };

  test("gives groups to recordings whose lines hold the class", async () => {
    const rows = "ann-1.csv,ann\nann-2.csv,ann\nb/bob.npy,bob\n";
    const data = await withTable(`file,group\n${rows}`, stepped);
    expect([data.groups, data.classNames, [...data.labels]]).toEqual([
      ["ann", "ann", "bob"],
      ["b", "down", "up"],
      [2, 2, 0],
    ]);
    expect(data.localGroups).toBeUndefined();
  });

  test("gives the class too where no line holds it", async () => {
    const rows = "ann-1.csv,,ann\nann-2.csv,,ann\nb/bob.npy,down,bob\n";
    const data = await withTable(`file,label,group\n${rows}`, stepped);
    expect([data.groups, [...data.labels]]).toEqual([
      ["ann", "ann", "bob"],
      [1, 1, 0],
    ]);
  });

  test("may be one for both parts", async () => {
    put("held/z.npy", npy(4, 1, 9));
    put("both.csv", "file,label\nx.npy,up\nz.npy,up\ndeep/y.npy,down\n");
    const labels = join(scratch, "both.csv");
    const test = { folder: join(scratch, "held"), labels };
    const spec = { folder, labels, window: 4, hop: 1, test };
    const both = await loadData({ source: "recordings", ...spec });
    expect([both.train.length, both.test?.length]).toEqual([2, 1]);
  });

  test("may have lines for recordings of other folders, whatever they say", async () => {
    const others = "train/x.npy,left,\ndeep/yy.npy,right,\n";
    const table = `file,label,group\nx.npy,up,ann\ndeep/y.npy,down,bob\n${others}`;
    const data = await withTable(table);
    expect([data.groups, data.classNames, [...data.labels]]).toEqual([
      ["bob", "ann"],
      ["down", "up"],
      [0, 1],
    ]);
  });

  const rows = "x.npy,up\ndeep/y.npy,down\n";
  test.each<[string, string | Uint8Array, Partial<RecordingsSpec>, string, string]>([
    [
      "a file that is named twice",
      `file,label\n${rows}x.npy,down\n`,
      {},
      "data/class",
      ', line 4: every recording must stand in one line, got "x.npy" again, after line 2. Remove one of the lines.',
    ],
    [
      "no line for a recording",
      "file,label\nx.npy,up\ny.npy,down\ndeep/yy.npy,down\n",
      {},
      "data/class",
      '.csv. Add the line, with an empty label if the class is not known, or correct line 4 if "deep/yy.npy" means it.',
    ],
    [
      "no line for a recording, nor one like it",
      "file,label\nx.npy,up\nfar/away/z.npy,down\n",
      {},
      "data/class",
      `${folder}/deep/y.npy: every recording must be in the table of labels, got no line with file deep/y.npy in `,
    ],
    [
      "an empty group",
      "file,label,group\nx.npy,up,ann\ndeep/y.npy,down,\n",
      {},
      "data/group",
      ", line 3: every sample must have a group, got an empty cell. Fill it in; the file's own name makes a recording a group by itself.",
    ],
    [
      "lines of different lengths",
      `file,label,group\n${rows}`,
      {},
      "file/columns",
      'on line 2. Correct the line; cells are separated by ",".',
    ],
    [
      "other bytes than UTF-8",
      Buffer.from("file,label\nx.npy,b\xe4r\ndeep/y.npy,b\xf6r\n", "latin1"),
      {},
      "file/magic",
      ": a table must be UTF-8 text, got other bytes. Save it as UTF-8, or give the right file.",
    ],
    [
      "a class that is said twice",
      "file,label\nann-1.csv,up\nann-2.csv,\nb/bob.npy,up\n",
      stepped,
      "data/class",
      ', line 2: a recording whose lines hold the class must have none in the table, got "up" for ann-1.csv. Leave the cell empty, or leave label out of the recipe.',
    ],
    [
      "neither classes nor groups",
      "file,speaker\nann-1.csv,ann\nann-2.csv,ann\nb/bob.npy,bob\n",
      stepped,
      "config/unknown-name",
      ': unknown column "group". Valid: file, speaker.',
    ],
    [
      "no classes where no line holds them",
      "file,group\nx.npy,ann\ndeep/y.npy,ann\n",
      {},
      "config/unknown-name",
      ': unknown column "label". Valid: file, group.',
    ],
    [
      "two columns of one name",
      "file,label,label\nx.npy,up,1\ndeep/y.npy,down,2\n",
      {},
      "file/columns",
      'a name must mean one column, got "label" for columns 1, 2. Rename one.',
    ],
  ])("is refused with %s", async (_, text, more, code, message) => {
    await expect(withTable(text, more)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

test("no recording ever stands on two sides, whatever the seed; by sample is refused", async () => {
  const recordings = Array.from({ length: 12 }, (_, r) => ({
    name: `r${r}`,
    data: Float32Array.from({ length: 40 }, (_, t) => 100 * r + t),
    label: r % 2,
  }));
  const data = windowedDataset(recordings, {
    name: "made",
    channelCount: 1,
    window: 8,
    hop: 4,
    classNames: ["a", "b"],
  });
  for (let seed = 0; seed < 20; seed++) {
    const {
      train,
      validation,
      test: held,
    } = splitDataset(data, { seed, validation: 0.2, test: 0.2 });
    const sides = [train, validation, held!].map((side) => new Set(side.groups));
    expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(12);
    expect(new Set(sides.flatMap((side) => [...side])).size).toBe(12);
    expect(train.wholeGroups).toBe(true); // also when it is split again
  }
  expect(() => splitDataset(data, { seed: 1, validation: 0.2, by: "sample" })).toThrow(
    "split of made: windows of one recording are nearly the same and must stay on one side, got by: sample. Split by group.",
  );
});

describe("refused", () => {
  const classes = join(scratch, "classes");
  put("one-label.csv", "file,label\na/1.npy,up\n");
  put("loose/one.npy", npy(4, 1, 0));
  put("other/a/one.txt", "1");
  put("mixed/a/1.npy", npy(4, 1, 0));
  put("mixed/a/2.npy", npy(4, 2, 0));
  put("nan/a/1.csv", "x\n1\nnan\n");
  put("latin/1.csv", Buffer.from("x,k\n1,b\xe4r\n2,b\xf6r\n", "latin1"));
  mkdirSync(join(scratch, "empty"));
  test.each<[string, Omit<RecordingsSpec, "source">, string]>([
    [
      "a folder that is not there",
      { folder: join(scratch, "no"), window: 2, hop: 1 },
      "file/missing",
    ],
    ["no recording", { folder: join(scratch, "empty"), window: 2, hop: 1 }, "data/empty"],
    [
      "another kind of file",
      { folder: join(scratch, "other"), window: 2, hop: 1 },
      "file/unsupported",
    ],
    [
      "a recording without class",
      { folder: join(scratch, "loose"), window: 2, hop: 1 },
      "data/class",
    ],
    [
      "a recording without line",
      { folder: classes, labels: join(scratch, "one-label.csv"), window: 2, hop: 1 },
      "data/class",
    ],
    ["different channels", { folder: join(scratch, "mixed"), window: 2, hop: 1 }, "data/shape"],
    ["a recording shorter than a window", { folder: classes, window: 8, hop: 1 }, "data/length"],
    [
      "an unknown channel",
      { folder: classes, window: 2, hop: 1, channels: ["z"] },
      "config/unknown-name",
    ],
    [
      "a recording that is no UTF-8",
      { folder: join(scratch, "latin"), window: 1, hop: 1, label: "k" },
      "file/magic",
    ],
    ["no hop", { folder: classes, window: 2, hop: 0 }, "config/range"],
    [
      "a value that is not a number",
      { folder: join(scratch, "nan"), window: 1, hop: 1 },
      "data/not-finite",
    ],
    [
      "a class that is not named",
      { folder: classes, window: 2, hop: 1, classNames: ["a"] },
      "data/class",
    ],
  ])("%s", async (_, spec, code) => {
    const error: unknown = await load(spec).catch((e: unknown) => e);
    if (!isDistillError(error)) throw new Error("not refused", { cause: error });
    expect(error.code).toBe(code);
  });
});
