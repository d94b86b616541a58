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
  put("loose/one.npy", npy(4, 1, 0));
  put("other/a/one.txt", "1");
  put("mixed/a/1.npy", npy(4, 1, 0));
  put("mixed/a/2.npy", npy(4, 2, 0));
  put("nan/a/1.csv", "x\n1\nnan\n");
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
      { folder: classes, labels: join(scratch, "labels.csv"), window: 2, hop: 1 },
      "data/class",
    ],
    ["different channels", { folder: join(scratch, "mixed"), window: 2, hop: 1 }, "data/shape"],
    ["a recording shorter than a window", { folder: classes, window: 8, hop: 1 }, "data/length"],
    [
      "an unknown channel",
      { folder: classes, window: 2, hop: 1, channels: ["z"] },
      "config/unknown-name",
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
