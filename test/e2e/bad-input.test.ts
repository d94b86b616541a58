import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { potstill, tinyRecipe, useFolder, writeTable } from "../support/command-line.ts";

const folder = useFolder();

beforeEach(() => {
  writeTable(join(folder.path, "data.csv"));
  writeFileSync(join(folder.path, "tiny.yaml"), tinyRecipe);
});

function put(name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder.path, name), content);
}

/** Twelve IDX images of 2 x 2, and labels of which one may be replaced. */
function putIdx(firstLabel: number): void {
  const images = new Uint8Array(16 + 12 * 4).map((_, at) => (at < 16 ? 0 : at));
  images.set([0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2]);
  const labels = Uint8Array.from([
    0,
    0,
    8,
    1,
    0,
    0,
    0,
    12,
    firstLabel,
    1,
    0,
    1,
    0,
    1,
    0,
    1,
    0,
    1,
    0,
    1,
  ]);
  put("images.idx", images);
  put("labels.idx", labels);
}

const idx = "data={source: idx, images: images.idx, labels: labels.idx, classNames: [no, yes]}";

interface Case {
  readonly name: string;
  readonly prepare?: () => void;
  readonly words?: readonly string[];
  readonly code: string;
  /** part of the message */
  readonly says: string;
}

const cases: readonly Case[] = [
  {
    name: "a missing file",
    words: ["data.file=dta.csv"],
    code: "file/missing",
    says: "dta.csv",
  },
  {
    name: "a truncated file",
    prepare: () => {
      putIdx(0);
      put("images.idx", Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3));
    },
    words: [idx],
    code: "file/truncated",
    says: "images.idx",
  },
  {
    name: "a wrong magic number",
    prepare: () => {
      putIdx(0);
      put("images.idx", "hello, I am text");
    },
    words: [idx],
    code: "file/magic",
    says: "images.idx",
  },
  {
    name: "a label out of range",
    prepare: () => putIdx(7),
    words: [idx],
    code: "data/label",
    says: "7",
  },
  {
    name: "NaN in the data",
    prepare: () =>
      writeTable(join(folder.path, "data.csv"), (rows) => {
        rows[5] = "NaN,0,0,0,class1";
      }),
    code: "data/",
    says: "data.csv",
  },
  {
    name: "a teacher that is no ONNX file",
    prepare: () => put("teacher.onnx", "not a model"),
    words: ["teacher={model: teacher.onnx}"],
    code: "file/magic",
    says: "teacher.onnx",
  },
  {
    name: "a missing teacher",
    words: ["teacher={model: teacher.onnx}"],
    code: "file/missing",
    says: "teacher.onnx",
  },
  {
    name: "a missing package",
    words: ["teacher={softLabels: package}"],
    code: "file/missing",
    says: "package",
  },
  {
    name: "an unknown key",
    words: ["training.epoch=3"],
    code: "config/unknown-key",
    says: 'Did you mean "epochs"?',
  },
  {
    name: "a student larger than its teacher",
    words: ["student.hidden=[64, 64]"],
    code: "check/J1",
    says: "allowLargerStudent",
  },
  {
    name: "a convolution on a table",
    words: ["student={family: cnn, channels: [4]}"],
    code: "shape/",
    says: "conv2d",
  },
  {
    name: "a split without test part",
    words: ["split={validation: 0.2}"],
    code: "config/missing",
    says: "test",
  },
  {
    name: "augmentation of numbers that are no image",
    words: ["teacher.train.training.augmentation={shift: 1}"],
    code: "data/not-image",
    says: "augmentation",
  },
  {
    name: "a file in the place of the run folder",
    prepare: () => put("runs", ""),
    code: "file/unwritable",
    says: "runs",
  },
  {
    name: "a report target without folder",
    words: ["--json-report", "nowhere/report.json"],
    code: "config/usage",
    says: "nowhere",
  },
];

test.each(cases)("$name is refused before anything is written", async (given) => {
  given.prepare?.();
  const before = folder.files();
  const { code, stdout, stderr } = await potstill(
    folder.path,
    ...["distill", "tiny.yaml", ...(given.words ?? [])],
  );
  expect(stderr).toContain(`error [${given.code}`);
  expect(stderr).toContain(given.says);
  expect(stdout).toBe("");
  expect(code).toBe(2);
  expect(folder.files()).toEqual(before);
});

test("a teacher with other classes is refused, by its file and both lists", async () => {
  expect((await potstill(folder.path, "distill", "tiny.yaml")).code).toBe(0);
  writeTable(join(folder.path, "two.csv"), (rows) => {
    rows.splice(0, rows.length, ...rows.filter((row) => !row.endsWith("class2")));
  });
  const before = folder.files();
  const teacher = "teacher={checkpoint: runs/tiny-1/teacher.safetensors}";
  const words = ["distill", "tiny.yaml", "data.file=two.csv", "--runs", "other", teacher];
  const { code, stderr } = await potstill(folder.path, ...words);
  expect(stderr).toContain("[teacher/class-mismatch] runs/tiny-1/teacher.safetensors");
  expect(code).toBe(2);
  expect(folder.files()).toEqual(before);
});

test("what is in the way is not touched", async () => {
  mkdirSync(join(folder.path, "runs", "tiny-1"), { recursive: true });
  const { stderr } = await potstill(folder.path, "distill", "tiny.yaml");
  expect(stderr).toContain("runs/tiny-2");
});
