import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { writeModel } from "../../src/train/index.ts";
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

async function exported(format: string, ...more: readonly string[]) {
  writeFileSync(join(folder.path, "model.safetensors"), model);
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
  const result = await exported("c", "--name", "digits", "--method", "mse");
  expect(result.files).toEqual(["digits.h", "digits.c", "digits_selftest.c"]);
  expect(result.arenaBytes.portable).toBe(196 + 24);
  expect(result.int8Accuracy).toBeGreaterThan(result.floatAccuracy - 0.02);
  expect(result.compiler !== null).toBe(["cc", "gcc", "clang"].some(hasProgram));
  expect(readFileSync(join(folder.path, "out/digits.c"), "utf8")).toContain("digits_run");
});

test.each([
  ["tflite", "student.tflite"],
  ["onnx-int8", "student.int8.onnx"],
])("%s", async (format, file) => {
  const result = await exported(format);
  expect(result.files).toEqual([file]);
  expect(readFileSync(join(folder.path, "out", file)).length).toBe(result.bytes);
  // weights of a byte each, and little else
  expect(result.bytes).toBeLessThan(196 * 24 + 240 + 3000);
  if (format === "tflite") expect(result.isCheckedByLiteRt).toBe(true);
});

test("calibration is needed, and its method must exist", async () => {
  writeFileSync(join(folder.path, "model.safetensors"), model);
  const run = (...words: readonly string[]) =>
    potstill(folder.path, "export", "model.safetensors", "--out", "out", ...words);
  expect(await run("--format", "c")).toMatchObject({ code: 2 });
  const wrong = await run("--format", "c", "--calibration", "digits", "--method", "minmax");
  expect(wrong.stderr).toMatch(/Did you mean "minMax"/);
  expect(wrong.code).toBe(2);
});
