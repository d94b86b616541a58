import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  potstill,
  resultFile,
  resultFilePath,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();

beforeEach(() => {
  writeTable(join(folder.path, "data.csv"));
  writeFileSync(join(folder.path, "tiny.yaml"), tinyRecipe);
});

const bytes = (name: string): Buffer => readFileSync(join(folder.path, name));

test("a student trained from the package, away from teacher and data, is the run's student", async () => {
  const run = await potstill(folder.path, "distill", "tiny.yaml");
  expect(run.code).toBe(0);
  const labelled = await potstill(
    folder.path,
    ...["label", "tiny.yaml", "--out", "package", "--with-inputs"],
  );
  expect(labelled.code).toBe(0);
  expect(labelled.stdout).toContain("package: soft labels of 180 samples, 3 classes, 1 view(s)");

  const away = join(folder.path, "away");
  mkdirSync(away);
  cpSync(join(folder.path, "package"), join(away, "package"), { recursive: true });
  cpSync(join(folder.path, "tiny.yaml"), join(away, "student.yaml"));
  rmSync(join(folder.path, "data.csv"));
  for (const seed of ["1", "2"]) {
    const out = `student-${seed}`;
    const trained = await potstill(
      away,
      ...["train", "package", "student.yaml", "--out", out, "--seed", seed],
    );
    expect(trained.code).toBe(0);
    const run = join(folder.path, "runs/tiny-1");
    const there = resultFile(run, `distilled/seed-${seed}`, "model.safetensors");
    expect(bytes(`away/${out}/student.safetensors`).equals(there)).toBe(true);
  }
  const again = await potstill(away, "train", "package", "student.yaml", "--out", "student-1");
  expect(again.stderr).toContain("nothing is overwritten");
  expect(again.code).toBe(2);
});

test("a package without samples needs the recipe's data", async () => {
  await potstill(folder.path, "label", "tiny.yaml", "--out", "package", "--precision", "int8");
  const fine = await potstill(folder.path, "train", "package", "tiny.yaml", "--out", "a");
  expect(fine.code).toBe(0);
  rmSync(join(folder.path, "data.csv"));
  const refused = await potstill(folder.path, "train", "package", "tiny.yaml", "--out", "b");
  expect(refused.stderr).toContain("[file/missing] data.csv");
  expect(refused.code).toBe(2);
  expect(folder.files()).toEqual(["a", "package", "tiny.yaml"]);
});

test("a damaged shard is named", async () => {
  await potstill(folder.path, "label", "tiny.yaml", "--out", "package", "--with-inputs");
  const shard = join(folder.path, "package/shards/00000.safetensors");
  const damaged = readFileSync(shard);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  writeFileSync(shard, damaged);
  const refused = await potstill(folder.path, "train", "package", "tiny.yaml", "--out", "a");
  expect(refused.stderr).toMatch(/\[package\/damaged-shard\] .*00000\.safetensors/);
  expect(refused.code).toBe(2);
});

test("models are evaluated, exported and inspected", async () => {
  await potstill(folder.path, "distill", "tiny.yaml");
  const run = join("runs", "tiny-1");
  const exported = await potstill(folder.path, "export", run, "--out", "s.onnx");
  expect(exported.code).toBe(0);
  const evaluations = [];
  for (const model of ["s.onnx", join(run, "student.safetensors")]) {
    const { stdout } = await potstill(
      folder.path,
      ...["evaluate", model, "--data", "tiny.yaml", "--json"],
    );
    const { accuracy, samples, errors, confusion, perClass } = JSON.parse(stdout);
    evaluations.push({ accuracy, samples, errors });
    const counts: readonly number[] = confusion.flat();
    expect(counts.reduce((sum, count) => sum + count)).toBe(samples);
    const right = [0, 1, 2].map((label) => confusion[label][label]);
    expect(right.reduce((sum, count) => sum + count)).toBe(samples - errors);
    for (const [label, { recall }] of perClass.entries()) {
      const row: readonly number[] = confusion[label]; // of the samples of this label
      expect(recall).toBeCloseTo(row[label]! / row.reduce((sum, count) => sum + count), 6);
    }
  }
  expect(evaluations[0]).toEqual(evaluations[1]);
  expect(evaluations[0]?.samples).toBe(60);
  const kinds = [
    ["s.onnx", 'ONNX model "mlp 4-8-3"'],
    [join(run, "student.safetensors"), "trained network mlp 4-8-3"],
    [run, 'run of recipe "tiny", done'],
    [
      resultFilePath(join(folder.path, run), "soft labels", "package"),
      "soft-label package, whole and undamaged",
    ],
    ["tiny.yaml", 'recipe "tiny", valid'],
    ["data.csv", "table of 240 samples with 4 features"],
    ["words.csv", "table, not usable without options\ncolumns   speaker,a,class\n"],
  ] as const;
  writeFileSync(join(folder.path, "words.csv"), "speaker,a,class\nada,1,yes\nbob,2,no\n");
  for (const [path, expected] of kinds) {
    const { code, stdout } = await potstill(folder.path, "inspect", path);
    expect(`${code} ${stdout}`).toContain(`0 ${path}: ${expected}`);
  }
});

test("evaluate refuses other classes, options that mean nothing, and what is no model", async () => {
  await potstill(folder.path, "distill", "tiny.yaml");
  const run = join("runs", "tiny-1");
  const exported = join(run, "exports", "student.onnx");
  const student = join(run, "student.safetensors");
  const named = "{source: csv, file: data.csv, classNames: [class2, class1, class0]}";
  for (const [words, message] of [
    [[exported, "--data", named], /\[teacher\/class-mismatch\]/],
    [[student, "--data", named], /\[teacher\/class-mismatch\]/],
    [[student, "--data", "tiny.yaml", "--kind", "sigmoid"], /--kind is for \.onnx files/],
    [[run, "--data", "tiny.yaml"], /a model is a \.onnx or \.safetensors file/],
  ] as const) {
    const { code, stderr } = await potstill(folder.path, "evaluate", ...words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
});

test("doctor finds what a run needs", async () => {
  const { code, stdout } = await potstill(folder.path, "doctor");
  expect(stdout).toMatch(/^ok +worker +onnxruntime-(node|web) \S+ answers from a worker thread$/m);
  expect(code).toBe(0);
  expect(folder.files()).toEqual(["data.csv", "tiny.yaml"]);
});
