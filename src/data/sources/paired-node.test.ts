/** @file Data of files with other files as what the teacher sees. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { failure } from "../../distill/small-problem.cases.ts";
import type { Dataset, Samples } from "../dataset.ts";
import type { DataSpec, LoadedData } from "./data-spec.ts";
import { loadData } from "./load-node.ts";
import { pairedData } from "./paired-node.ts";

const scratch = mkdtempSync(join(tmpdir(), "paired-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function paired(spec: DataSpec, inputs: DataSpec): Promise<LoadedData> {
  const [data, others] = [await loadData(spec), await loadData(inputs)];
  return pairedData({ spec, data }, { spec: inputs, data: others });
}

async function values({ shape }: Samples, { gather }: Samples, length: number) {
  const size = shape.reduce((a, b) => a * b, 1);
  const into = new Float32Array(length * size);
  await gather(
    Int32Array.from({ length }, (_, at) => at),
    into,
  );
  return [...into];
}
const seen = (dataset: Dataset): Promise<number[]> =>
  values(dataset.teacherInputs!, dataset.teacherInputs!, dataset.length);
const own = (dataset: Dataset): Promise<number[]> => values(dataset, dataset, dataset.length);

test("columns of one table: some for the student, all for the teacher", async () => {
  const file = written("all.csv", "x,y,z,class\n1,2,3,a\n4,5,6,b\n");
  const held = { file: written("held.csv", "x,y,z,class\n7,8,9,a\n") };
  const { train, test: other } = await paired(
    { source: "csv", file, columns: ["z", 0], test: held },
    { source: "csv", file, test: held },
  );
  expect([await own(train), await seen(train)]).toEqual([
    [3, 1, 6, 4],
    [1, 2, 3, 4, 5, 6],
  ]);
  expect([await own(other!), await seen(other!)]).toEqual([
    [9, 7],
    [7, 8, 9],
  ]);
  expect(other!.teacherInputs?.shape).toEqual([3]);
});

test("columns that are not features are refused", async () => {
  const file = written("four.csv", "x,y,z,class\n1,2,3,a\n4,5,6,b\n");
  const refusal = (more: object) => failure(loadData({ source: "csv", file, ...more }));
  const rule =
    "columns names the features, each once, so nothing is left to ignore, and class and group are not among them";
  for (const [more, got] of [
    [{ columns: ["x"], ignore: ["y"] }, "columns and ignore"],
    [{ columns: ["x", "class"] }, '"class"'],
    [{ columns: ["x", "y"], group: "y" }, '"y"'],
    [{ columns: ["x", 0] }, '"x"'],
  ] as const) {
    const { code, message } = await refusal(more);
    expect(code).toBe("config/conflict");
    expect(message).toBe(
      `${file}, columns: ${rule}, got ${got}. Leave the column, or ignore, out.`,
    );
  }
  expect((await refusal({ columns: ["q"] })).code).toBe("config/unknown-name");
});

/** Two classes of two pictures of one grey level each. */
async function pictures(folder: string, names: readonly string[], grey: number): Promise<string> {
  for (const [at, name] of names.entries()) {
    const background = { r: grey + at, g: grey + at, b: grey + at };
    const image = sharp({ create: { width: 2, height: 2, channels: 3, background } });
    const ending = name.endsWith(".jpg") ? image.jpeg() : image.png();
    written(join(folder, name), new Uint8Array(await ending.toBuffer()));
  }
  return join(scratch, folder);
}

test("pictures of the same names, whatever their endings and sizes", async () => {
  const names = ["a-b/2", "a-b/10", "a/1", "a/1-b"];
  const depth = await pictures(
    "depth",
    names.map((name) => `${name}.png`),
    10,
  );
  const colour = await pictures(
    "colour",
    names.map((name) => `${name}.jpg`),
    100,
  );
  const images = { source: "images", channels: 1 } as const;
  const { train } = await paired(
    { ...images, folder: depth, size: [1, 1] },
    { ...images, folder: colour, size: [2, 2] },
  );
  expect(train.teacherInputs?.shape).toEqual([1, 2, 2]);
  const [student, teacher] = [await own(train), await seen(train)];
  expect(student.map((grey) => grey - 10)).toEqual(
    teacher.filter((_, at) => at % 4 === 0).map((grey) => grey - 100),
  );
});

test("pictures that are called otherwise are refused, by name", async () => {
  const depth = await pictures("depth-2", ["a/1.png", "a/2.png", "b/1.png"], 10);
  const others = [
    [["a/1.png", "a/3.png", "b/1.png"], "file 2 is a/2, got a/3"],
    [["a/1.png", "a/2.png", "b/1.png", "b/2.png"], "file 4 is none, got b/2"],
    [["a/1.png", "a/2.png"], "file 3 is b/1, got none"],
  ] as const;
  for (const [at, [names, message]] of others.entries()) {
    const folder = await pictures(`other-${at}`, names, 20);
    const images = { source: "images", channels: 1, size: [1, 1] } as const;
    const found = await failure(paired({ ...images, folder: depth }, { ...images, folder }));
    expect(found.code).toBe("data/pairs");
    expect(found.message).toContain(
      `teacherInputs, ${folder}: its files, sorted by their names, must be called as those of ${depth} but for the endings, whose`,
    );
    expect(found.message).toContain(message);
  }
});

test("names that sort otherwise with another ending are refused, saying so", async () => {
  const names = ["a/1", "a/1.left", "b/1"];
  const folders = ["png", "jpg"].map((ending) =>
    pictures(
      `dots-${ending}`,
      names.map((name) => `${name}.${ending}`),
      10,
    ),
  );
  const [one, other] = (await Promise.all(folders)) as [string, string];
  const images = { source: "images", channels: 1, size: [1, 1] } as const;
  const found = await failure(paired({ ...images, folder: one }, { ...images, folder: other }));
  expect(found.code).toBe("data/pairs");
  expect(found.message).toContain(
    "whose file 1 is a/1.left, got a/1. Give the files of both folders the same ending: names that hold a further dot sort otherwise with another.",
  );
});

test("windows begin at the same moments, whatever their length and the recordings' rate", async () => {
  const steps = (count: number): string =>
    `x\n${[...Array(count).keys()].map((step) => `${step}\n`).join("")}`;
  for (const name of ["walk/1", "run/1"]) {
    written(`slow/${name}.csv`, steps(10));
    written(`fast/${name}.csv`, steps(20));
  }
  const cut = (folder: string, window: number, hop: number): DataSpec => ({
    ...{ source: "recordings", window, hop, folder: join(scratch, folder) },
  });
  const slow = cut("slow", 2, 2); // five windows
  for (const [inputs, second] of [
    [cut("fast", 4, 4), 4], // twice the rate
    [cut("slow", 1, 2), 2], // the same hop
  ] as const) {
    const { train } = await paired(slow, inputs);
    const size = train.teacherInputs!.shape[0]!;
    expect((await seen(train))[size]).toBe(second);
  }
  const { code, message } = await failure(paired(slow, cut("fast", 4, 3)));
  expect(code).toBe("data/pairs");
  expect(message).toBe(
    "teacherInputs: windows must begin when those of data do (window 2, hop 2): the same hop, or the same hop for each step of a window, got window 4, hop 3. Write hop: 2; for recordings of another rate make window and hop larger or smaller by one factor.",
  );
});

test("recordings of the same names: some channels for the student", async () => {
  const rows = (from: number): string => `x,y\n${from},${from + 1}\n${from + 2},${from + 3}\n`;
  for (const [at, name] of ["walk/1", "run/1"].entries()) {
    written(`near/${name}.csv`, rows(10 * at));
    written(`far/${name}.csv`, rows(10 * at + 100));
  }
  const window = { source: "recordings", window: 2, hop: 2 } as const;
  const { train } = await paired(
    { ...window, folder: join(scratch, "near"), channels: ["x"] },
    { ...window, folder: join(scratch, "far") },
  );
  expect(await own(train)).toEqual([10, 12, 0, 2]);
  expect(await seen(train)).toEqual([110, 111, 112, 113, 100, 101, 102, 103]);
});

test("a test part, and a transfer set, of one alone are refused", async () => {
  const file = written("both.csv", "x,y,class\n1,2,a\n4,5,b\n");
  const more = { file: written("more.csv", "x,y,class\n7,8,a\n") };
  const table = { source: "csv", file } as const;
  const alone = await failure(paired({ ...table, test: more }, table));
  expect(alone.code).toBe("data/pairs");
  expect(alone.message).toBe(
    "teacherInputs: there must be a test part, as data have one, got none. Give both a test part of their own, or neither and split.test.",
  );
  expect((await failure(paired(table, { ...table, test: more }))).message).toContain(
    "there must be no test part, as data have none, got one",
  );
  const { train } = await paired({ ...table, transfer: more }, { ...table, transfer: more });
  expect([[...train.labels], await seen(train)]).toEqual([
    [0, 1, -1],
    [1, 2, 4, 5, 7, 8],
  ]);
  expect((await failure(paired({ ...table, transfer: more }, table))).code).toBe("data/length");
});
