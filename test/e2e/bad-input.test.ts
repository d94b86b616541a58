import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type Model, networkOf, writeModel } from "../../src/distill/index.ts";
import { linearModel, node } from "../../src/distill/teachers/onnx-model.cases.ts";
import { initialParameters } from "../../src/engine/nn/index.ts";
import {
  potstill,
  potstillAs,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

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

/** 48 different IDX images of 4 x 4, three classes in turn. */
function putImages(): void {
  const pixels = Uint8Array.from({ length: 48 * 16 }, (_, at) => (at * 37 + (at >> 4) * 11) % 251);
  put("images.idx", Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 48, 0, 0, 0, 4, 0, 0, 0, 4, ...pixels));
  const labels = Array.from({ length: 48 }, (_, at) => at % 3);
  put("labels.idx", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 48, ...labels));
}
const images = "data={source: idx, images: images.idx, labels: labels.idx}";

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
    name: "a teacher that gives probabilities nobody declared",
    prepare: () => {
      putImages();
      const tail = [node("Softmax", ["z"], "s"), node("Neg", ["s"], "n"), node("Neg", ["n"], "p")];
      put("teacher.onnx", linearModel({ tail, outputs: ["p"] }));
    },
    words: [images, "teacher={model: teacher.onnx}"],
    code: "teacher/undeclared-probabilities",
    says: 'Write "teacher: {model: teacher.onnx, output: p, kind: probabilities}" in the recipe',
  },
  {
    name: "a teacher of two outputs",
    prepare: () => {
      putImages();
      const tail = [node("Neg", ["z"], "n")];
      put("teacher.onnx", linearModel({ tail, outputs: ["z", "n"] }));
    },
    words: [images, "teacher={model: teacher.onnx}"],
    code: "teacher/ambiguous-output",
    says: 'Write "teacher: {model: teacher.onnx, output: z, kind: logits}"',
  },
  {
    name: "a teacher of another number of classes",
    prepare: () => {
      putImages();
      put("teacher.onnx", linearModel({ width: 5 }));
    },
    words: [images, "teacher={model: teacher.onnx}"],
    code: "teacher/class-mismatch",
    says: "the data has 3 classes",
  },
  {
    name: "the same sample twice",
    prepare: () => writeTable(join(folder.path, "data.csv"), (rows) => rows.push(rows[3]!)),
    code: "data/duplicates",
    says: "identical samples could end on two sides",
  },
  {
    name: "a missing package",
    words: ["teacher={softLabels: package}"],
    code: "file/missing",
    says: "package",
  },
  {
    name: "no distilled student",
    words: ["arms=[scratch]"],
    code: "config/conflict",
    says: "the report tells of the distilled student",
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
    name: "a teacher that draws random numbers",
    prepare: () => {
      putImages();
      const tail = [node("RandomNormalLike", ["z"], "noise"), node("Add", ["z", "noise"], "noisy")];
      put("teacher.onnx", linearModel({ tail, outputs: ["noisy"] }));
    },
    words: [images, "teacher={model: teacher.onnx}", "allowLargerStudent=true"],
    code: "check/J3",
    says: "the same batch asked twice must get the same logits",
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

test("features that would be standardised over themselves are no test of a model", async () => {
  const about: Omit<Model, "weights"> = {
    spec: { family: "mlp", hidden: [] },
    sample: { dtype: "float32", shape: [2] },
    preprocessing: { scale: 1, offset: 0 },
    classNames: ["a", "b"],
  };
  const weights = initialParameters(networkOf(about).parameters, 1);
  writeFileSync(join(folder.path, "student.safetensors"), writeModel({ ...about, weights }));
  const files = "features: x.npy, labels: y.npy, lengths: n.npy, classNames: [a, b]";
  const data = (more: string): string => `{ source: frames, ${files}${more} }`;
  const refusal = async (more: string): Promise<string> => {
    const words = ["evaluate", "student.safetensors", "--data", data(more)];
    const { code, stderr } = await potstill(folder.path, ...words);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refusal("")).toContain("features are standardised over the training part");
  expect(await refusal(", standardize: false")).toContain("[file/missing] x.npy");
});

test("what is in the way is not touched", async () => {
  mkdirSync(join(folder.path, "runs", "tiny-1"), { recursive: true });
  const { stderr } = await potstill(folder.path, "distill", "tiny.yaml");
  expect(stderr).toContain("runs/tiny-2");
});

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const commands = (place: string): readonly (readonly string[])[] => [
  ["distill", "tiny.yaml", "--runs", place],
  ["distill", "tiny.yaml", "--runs", join(place, "deep", "runs")],
  ["label", "tiny.yaml", "--out", join(place, "package")],
  ["train", "package", "tiny.yaml", "--out", join(place, "deep", "student")],
];

test("an unwritable folder is refused, and nothing is left", async ({ skip }) => {
  const version = await potstillAs(isRoot ? nobody : undefined, tmpdir(), "--version");
  if (version.code !== 0) return skip("another user may not read this checkout");
  expect((await potstill(folder.path, "label", "tiny.yaml", "--out", "package")).code).toBe(0);
  const place = join(folder.path, "locked");
  mkdirSync(place);
  chmodSync(place, 0o555);
  chmodSync(folder.path, 0o755);
  for (const words of commands(place)) {
    const { code, stderr } = await potstillAs(isRoot ? nobody : undefined, folder.path, ...words);
    expect(stderr).toMatch(/error \[file\/unwritable\] .*permission denied/);
    expect(code).toBe(2);
    expect(readdirSync(place)).toEqual([]);
  }
});

/** A disk of a megabyte. @returns undefined where this process may not mount one */
function smallDisk(place: string): (() => void) | undefined {
  mkdirSync(place);
  try {
    const options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place];
    execFileSync("mount", options, { stdio: "ignore" });
    return () => void execFileSync("umount", ["-l", place], { stdio: "ignore" });
  } catch {
    return undefined;
  }
}

test("a full disk is refused, and nothing is left; one that fills up leaves a run that goes on", async ({
  skip,
}) => {
  expect((await potstill(folder.path, "label", "tiny.yaml", "--out", "package")).code).toBe(0);
  const place = join(folder.path, "disk");
  const unmount = smallDisk(place);
  if (unmount === undefined) return skip("this process may not mount a small disk");
  try {
    const fill = (bytes: number): void =>
      writeFileSync(join(place, "fill"), new Uint8Array(bytes), { flag: "w" });
    fill(2 ** 20);
    for (const words of commands(place)) {
      const { code, stderr } = await potstill(folder.path, ...words);
      expect(stderr).toContain("error [file/disk-full]");
      expect(code).toBe(2);
      expect(readdirSync(place)).toEqual(["fill"]);
    }

    fill(2 ** 20 - 200_000); // room for the teacher, not for the report
    const run = ["distill", "tiny.yaml", "--runs", place];
    const { code, stderr } = await potstill(folder.path, ...run);
    expect(stderr).toContain("error [file/disk-full]");
    expect(stderr).toContain(`To go on: potstill distill --resume ${join(place, "tiny-1")}`);
    expect(code).toBe(1);
    const files = readdirSync(join(place, "tiny-1"), { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith(".partial"))).toEqual([]);
    fill(0);
    const again = await potstill(folder.path, "distill", "--resume", join(place, "tiny-1"));
    expect(again.stderr).not.toContain("error [");
    expect(again.code).toBe(0);
  } finally {
    unmount();
  }
});
