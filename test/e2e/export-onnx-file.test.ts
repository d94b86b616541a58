import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Model, modelHash, studentFile, writeModel } from "../../src/distill/index.ts";
import { withDataBeside } from "../../src/engine/onnx/external-data.cases.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { hasProgram } from "../support/c-programs.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { trainDigits } from "../support/trained-digits.ts";

const folder = useFolder();
let model: Model;
beforeAll(async () => {
  const runtime = await nodeRuntime({ worker: false });
  const network = { family: "cnn", channels: [4], batchNorm: true, hidden: [12] } as const;
  model = (await trainDigits(network, runtime, 3)).model;
  await runtime.close();
});

const run = (file: string, ...words: readonly string[]) =>
  potstill(folder.path, "export", file, "--calibration", "digits", "--out", "out", ...words);

const hasCompiler = ["cc", "gcc", "clang"].some(hasProgram);

test("a student's own .onnx becomes the same integer network as its .safetensors", async () => {
  writeFileSync(join(folder.path, "student.onnx"), studentFile(model).bytes);
  writeFileSync(join(folder.path, "student.safetensors"), writeModel(model));
  const results = [];
  for (const [file, out] of [
    ["student.onnx", "from-onnx"],
    ["student.safetensors", "from-model"],
  ] as const) {
    const words = ["--format", "tflite", "--calibration", "digits", "--out", out, "--json"];
    const { code, stdout, stderr } = await potstill(folder.path, "export", file, ...words);
    expect([code, stderr]).toEqual([0, ""]);
    const { floatAccuracy, int8Accuracy } = JSON.parse(stdout);
    const bytes = readFileSync(join(folder.path, out, "student.tflite"));
    results.push({ floatAccuracy, int8Accuracy, length: bytes.length });
  }
  expect(results[0]!.floatAccuracy).toBeGreaterThan(0.6);
  expect(results[0]!.int8Accuracy).toBe(results[1]!.int8Accuracy);
  expect(results[0]!.floatAccuracy).toBe(results[1]!.floatAccuracy);
  expect(modelHash(model)).toHaveLength(64);
});

test.each(["c", "onnx-int8"])("%s from the .onnx, checked", async (format) => {
  writeFileSync(join(folder.path, "student.onnx"), studentFile(model).bytes);
  const { code, stdout, stderr } = await run("student.onnx", "--format", format);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/student\.onnx: imported, outputs within \S+ of the file's own/);
  expect(stdout).toMatch(/accuracy float32 \d\d\.\d+ %, int8 \d\d\.\d+ % on 500 samples/);
  if (format === "c" && hasCompiler)
    expect(stdout).toMatch(/gives the integer reference's output on 500 samples, byte for byte/);
  expect(existsSync(join(folder.path, "out"))).toBe(true);
});

test("weights beside the .onnx belong to it, in every command that reads one", async () => {
  const { bytes } = studentFile(model);
  const beside = withDataBeside(bytes, "student.onnx.data");
  writeFileSync(join(folder.path, "whole.onnx"), bytes);
  writeFileSync(join(folder.path, "student.onnx"), beside.model);
  const student = "student: {family: mlp, hidden: [8]}\ntraining: {epochs: 1}";
  const recipe = ["name: r", "data: {source: digits}", "teacher: {model: student.onnx}", student];
  writeFileSync(join(folder.path, "r.yaml"), recipe.join("\n"));
  const commands = [
    ["inspect", "student.onnx"],
    ["evaluate", "student.onnx", "--data", "digits"],
    ["export", "student.onnx", "--format", "onnx-int8", "--calibration", "digits", "--out", "int8"],
    ["label", "r.yaml", "--out", "package"],
  ];
  for (const words of commands) {
    const { code, stderr } = await potstill(folder.path, ...words);
    expect([words[0], code]).toEqual([words[0], 2]);
    expect(stderr).toMatch(/\[file\/missing\] student\.onnx, tensor "\S+": its data lie in/);
  }
  writeFileSync(join(folder.path, "student.onnx.data"), beside.data);
  for (const words of commands) {
    const { code, stdout, stderr } = await potstill(folder.path, ...words);
    expect([words[0], code, stderr]).toEqual([words[0], 0, expect.any(String)]);
    if (words[0] !== "evaluate") continue;
    const same = await potstill(folder.path, "evaluate", "whole.onnx", "--data", "digits");
    expect(stdout.replaceAll("student.onnx", "whole.onnx")).toBe(same.stdout);
  }
});

test("refused: classes in another order than the file names", async () => {
  const turned = studentFile({ ...model, classNames: model.classNames.toReversed() }).bytes;
  writeFileSync(join(folder.path, "student.onnx"), turned);
  const { code, stderr } = await run("student.onnx", "--format", "onnx-int8");
  expect(stderr).toMatch(/\[import\/classes\] .*the model has the classes 9, 8/);
  expect(code).toBe(2);
  expect(existsSync(join(folder.path, "out"))).toBe(false);
});

test("refused before any work: other data, a format that it has already", async () => {
  const golden = new URL("../golden/import/", import.meta.url);
  for (const name of ["torch-mobile"])
    copyFileSync(new URL(`${name}.onnx`, golden), join(folder.path, `${name}.onnx`));
  const other = await run("torch-mobile.onnx", "--format", "c");
  expect(other).toMatchObject({ code: 2, stdout: "" });
  expect(other.stderr).toContain(
    'torch-mobile.onnx, input "x": samples of [1, 14, 14] need an input',
  );
  writeFileSync(join(folder.path, "student.onnx"), studentFile(model).bytes);
  const same = await potstill(folder.path, "export", "student.onnx", "--out", "out");
  expect(same.code).toBe(2);
  expect(same.stderr).toContain("give --format c, tflite or onnx-int8");
  expect(existsSync(join(folder.path, "out"))).toBe(false);
});

test("inspect says whether a file can be brought to int8, and if not, why", async () => {
  writeFileSync(join(folder.path, "student.onnx"), studentFile(model).bytes);
  const golden = new URL("../golden/import/", import.meta.url);
  const answers = [];
  for (const name of ["channels-last", "newer-forms", "student"]) {
    const file = join(folder.path, `${name}.onnx`);
    if (!existsSync(file)) copyFileSync(new URL(`${name}.onnx`, golden), file);
    const { stdout } = await potstill(folder.path, "inspect", `${name}.onnx`);
    answers.push(/^int8 +(.*)$/m.exec(stdout)?.[1]?.slice(0, 40));
  }
  expect(answers).toEqual([
    "yes, as 3 layers: export it with --forma",
    "no: a (slice): slice must take positions",
    "yes, as 5 layers: export it with --forma",
  ]);
});
