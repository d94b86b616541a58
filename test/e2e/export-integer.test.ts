import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { spreadSamples } from "../../src/data/index.ts";
import { loadDigits } from "../../src/data/sources/index-node.ts";
import { writeModel } from "../../src/distill/index.ts";
import { accuracy } from "../../src/distill/metrics/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { tensor } from "../../src/engine/tensor/index.ts";
import { hasProgram } from "../support/c-programs.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { trainDigits } from "../support/trained-digits.ts";

const folder = useFolder();
let model: Uint8Array;
beforeAll(async () => {
  const runtime = await nodeRuntime({ worker: false });
  model = writeModel((await trainDigits({ family: "mlp", hidden: [24] }, runtime, 4)).model);
  await runtime.close();
});

async function exported(format: string, bytes: Uint8Array, ...more: readonly string[]) {
  writeFileSync(join(folder.path, "model.safetensors"), bytes);
  const words = ["--format", format, "--calibration", "digits", "--out", "out", "--json", ...more];
  const { code, stdout, stderr } = await potstill(
    folder.path,
    "export",
    "model.safetensors",
    ...words,
  );
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

test("C with its numbers, checked by a compiler where there is one", async () => {
  const result = await exported("c", model, "--name", "digits", "--method", "mse");
  expect(result.files).toEqual(["digits.h", "digits.c", "digits_selftest.c"]);
  expect(result.arenaBytes.portable).toBe(196 + 24);
  expect(result.int8Accuracy).toBeGreaterThan(result.floatAccuracy - 0.02);
  const { max, mean, range } = result.deviation;
  expect(max).toBeGreaterThan(range / 2 ** 9); // an output's step is a range in 2 ** 8
  expect(max).toBeLessThan(range / 10);
  expect(mean).toBeLessThan(max / 2);
  expect(result.compiler !== null).toBe(["cc", "gcc", "clang"].some(hasProgram));
  expect("notChecked" in result).toBe(result.compiler === null);
  expect(readFileSync(join(folder.path, "out/digits.c"), "utf8")).toContain("digits_run");
});

test.each([
  ["tflite", "student.tflite"],
  ["onnx-int8", "student.int8.onnx"],
])("%s", async (format, file) => {
  const result = await exported(format, model);
  expect(result.files).toEqual([file]);
  expect(readFileSync(join(folder.path, "out", file)).length).toBe(result.bytes);
  // weights of a byte each, and little else
  expect(result.bytes).toBeLessThan(196 * 24 + 240 + 3000);
  if (format === "tflite") expect(result.isCheckedByLiteRt).toBe(true);
});

test("the accuracy said of an ONNX file is ONNX Runtime's on it", async () => {
  const runtime = await nodeRuntime({ worker: false });
  // so deep and so little trained that the C's rounding would choose other classes
  const deep = await trainDigits({ family: "mobileNetV1", width: 0.125 }, runtime, 2);
  const check = spreadSamples((await loadDigits()).test, 500); // as the command line compares
  const result = await exported("onnx-int8", writeModel(deep.model));
  const all = new Uint8Array(check.length * 196);
  await check.gather(
    Int32Array.from({ length: check.length }, (_, at) => at),
    all,
  );
  const session = await runtime.load(readFileSync(join(folder.path, "out/student.int8.onnx")));
  const samples = tensor("uint8", [check.length, ...check.shape], all);
  const logits = (await session.run({ samples })).outputs.logits!.data as Float32Array;
  await runtime.close();
  expect(result.samples).toBe(check.length);
  expect(result.int8Accuracy).toBe(accuracy(logits, check.labels));
}, 300_000);

test("calibration is needed, and its method must exist", async () => {
  writeFileSync(join(folder.path, "model.safetensors"), model);
  const run = (...words: readonly string[]) =>
    potstill(folder.path, "export", "model.safetensors", "--out", "out", ...words);
  expect(await run("--format", "c")).toMatchObject({ code: 2 });
  const wrong = await run("--format", "c", "--calibration", "digits", "--method", "minmax");
  expect(wrong.stderr).toMatch(/Did you mean "minMax"/);
  expect(wrong.code).toBe(2);
});

test("onnx-fp16: half the bytes, nearly the same numbers, both accuracies", async () => {
  const result = await exported("onnx-fp16", model, "--out", "half.onnx");
  const { initializers } = readOnnx(
    readFileSync(join(folder.path, "half.onnx")),
    "half.onnx",
  ).graph;
  const halves = initializers.filter(({ value }) => value.dtype === "float16");
  expect(halves.map(({ value }) => value.shape)).toEqual([
    [196, 24],
    [24, 10],
  ]);
  expect(result.bytes).toBeLessThan(2 * (196 * 24 + 240) + 3000);
  expect(result.maxDifference).toBeGreaterThan(0); // weights are rounded to 11 bits
  expect(Math.abs(result.halfAccuracy - result.floatAccuracy)).toBeLessThan(0.01);
  expect(result.samples).toBe(500);
  const words = ["export", "half.onnx", "--format", "tflite", "--calibration", "digits"];
  const int8 = await potstill(folder.path, ...words, "--out", "of-half"); // its weights are read
  expect(int8.stderr).toBe("");
});

test("data of other classes, or of another shape, are refused before anything is written", async () => {
  writeFileSync(join(folder.path, "model.safetensors"), model);
  const pixels = Array.from({ length: 196 }, (_, at) => `p${at}`);
  const row = pixels.map(() => 1).join();
  const table = (names: readonly string[], cells: string, classes: readonly string[]) =>
    [[...names, "class"].join(), ...classes.map((name) => `${cells},${name}`)].join("\n");
  writeFileSync(join(folder.path, "two.csv"), table(pixels, row, ["0", "1"]));
  writeFileSync(join(folder.path, "small.csv"), table(["a"], "1", [..."0123456789"]));
  for (const [data, code, says] of [
    ["two.csv", "import/classes", "the model has the classes 0, 1, 2"],
    ["small.csv", "data/shape", "the network reads samples of uint8 [1, 14, 14], got float32 [1]"],
  ] as const) {
    const words = ["--format", "c", "--calibration", data, "--out", "out"];
    const refused = await potstill(folder.path, "export", "model.safetensors", ...words);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`[${code}]`)]);
    expect(refused.stderr).toContain(says);
  }
  expect(folder.files()).not.toContain("out");
});
