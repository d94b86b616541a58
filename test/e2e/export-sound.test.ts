import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Dataset } from "../../src/data/index.ts";
import { writeModel } from "../../src/distill/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { hasProgram } from "../support/c-programs.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { npy } from "../support/npy.ts";
import { tinyLogMel, trainOnSound } from "../support/small-sounds.ts";

const folder = useFolder();
const at = (file: string): string => `${folder.path}/${file}`;
let model: Uint8Array;
let sound: Dataset;
beforeAll(async () => {
  const runtime = await nodeRuntime({ worker: false });
  const network = { family: "cnn", channels: [4], logMel: tinyLogMel } as const;
  const trained = await trainOnSound(runtime, network, 4);
  [model, sound] = [writeModel(trained.model), trained.train];
  await runtime.close();
});

/** A recipe with a student of sound; the words of its log-mel layer are the schema's. */
const recipe = (): string => `name: listener
data:
  source: npy
  samples: x.npy
  labels: y.npy
  classNames: [${sound.classNames.join(", ")}]
  preprocessing: { scale: ${1 / 32_768}, offset: 0 }
split: { validation: 0.2, seed: 1 }
student:
  family: cnn
  channels: [4]
  logMel: { sampleRate: 8000, frameLength: 256, hop: 128, fftSize: 256, mels: 12, floor: 1.0e-5 }
teacher: { train: { network: { family: mlp, hidden: [12] }, training: { epochs: 1 } } }
training: { epochs: 1 }
`;

beforeEach(async () => {
  const data = new Float32Array(sound.length * 2000);
  await sound.gather(
    Int32Array.from({ length: sound.length }, (_, i) => i),
    data,
  );
  writeFileSync(at("x.npy"), npy("f4", [sound.length, 2000], data));
  writeFileSync(at("y.npy"), npy("i4", [sound.length], sound.labels));
  writeFileSync(at("r.yaml"), recipe());
  writeFileSync(at("model.safetensors"), model);
});

async function exported(format: string, out: string, ...more: readonly string[]) {
  const words = ["--format", format, "--calibration", "r.yaml", "--out", out, ...more];
  const { code, stdout, stderr } = await potstill(
    folder.path,
    "export",
    "model.safetensors",
    ...words,
  );
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  return stdout;
}

/** The program of the documentation: a quarter of a second of silence. */
const program = `#include <stdio.h>
#include "student.h"
#include "student_front_end.h"

static student_front_end ears;
static uint32_t work[STUDENT_FRONT_END_WORK_WORDS];
static int8_t input[STUDENT_INPUT_ELEMENTS];

int main(void) {
  static int16_t samples[STUDENT_HOP];
  int32_t hop, answers = 0;
  student_front_end_reset(&ears);
  for (hop = 0; hop < 15; hop++)
    if (student_hear(&ears, samples, STUDENT_HOP, work)) {
      student_heard(&ears, input);
      if (student_classify(input) >= 0) answers++;
    }
  printf("%d answers\\n", (int)answers);
  return (int)student_selftest();
}
`;

test("C of a network of sound: network and front end, both checked", async () => {
  const stdout = await exported("c", "out", "--board", "blue-pill");
  expect(stdout).toContain("student_front_end.h, student_front_end.c");
  expect(stdout).toMatch(/log-mel features in integers: [\d.]+ % of 10080 are 1 int8 step from/);
  if (!hasProgram("gcc")) return;
  expect(stdout).toMatch(/gives the integer reference's output on 60 samples, byte for byte/);
  expect(stdout).toMatch(/features on 30 frames, byte for byte/);
  writeFileSync(at("out/main.c"), program);
  const sources = ["main.c", "student.c", "student_selftest.c", "student_front_end.c"];
  execFileSync("gcc", ["-O2", "-o", "run", ...sources], { cwd: at("out") });
  // 15 hops of 128 samples hold 14 frames of 256
  expect(execFileSync(at("out/run"), { encoding: "utf8" })).toBe("14 answers\n");
  expect(readFileSync(at("out/student_front_end.h"), "utf8")).toContain("STUDENT_FRAMES 14");
});

test.each([
  ["tflite", "student.tflite"],
  ["onnx-int8", "student.int8.onnx"],
])("%s begins at the features, and says so", async (format, file) => {
  const said = await exported(format, "text");
  expect(said).toContain(`the input is log-mel features [1, 14, 12], not sound: no operator of`);
  const result = JSON.parse(await exported(format, "json", "--json"));
  expect(result.input).toBe("logMel");
  expect(result.files).toEqual([file]);
});

/** As the library is used: one call. */
const script = (): string => `
import { readFileSync } from "node:fs";
import { arrayDataset, readModel, saveStudentC } from ${JSON.stringify(resolve("dist/index-node.js"))};
const model = readModel(readFileSync("model.safetensors"), "model.safetensors");
const { sample, preprocessing, classNames } = model;
const data = Float32Array.from({ length: 4000 }, (_, t) => Math.round(9000 * Math.sin(t / 7)));
const labels = [0, 1];
const calibration = arrayDataset({ name: "tone", ...sample, data, labels, classNames, preprocessing });
await saveStudentC(model, { calibration, folder: "saved" });
`;

test("saveStudentC writes the front end beside the network", () => {
  writeFileSync(at("save.mjs"), script());
  execFileSync(process.execPath, ["save.mjs"], { cwd: folder.path });
  const base = ["student.c", "student.h", "student_selftest.c"];
  const ears = ["student_front_end.c", "student_front_end.h"];
  expect(readdirSync(at("saved")).sort()).toEqual([...base, ...ears].sort());
  if (!hasProgram("gcc")) return;
  writeFileSync(at("saved/main.c"), program);
  const sources = ["main.c", "student.c", "student_selftest.c", "student_front_end.c"];
  execFileSync("gcc", ["-O2", "-o", "run", ...sources], { cwd: at("saved") });
  expect(execFileSync(at("saved/run"), { encoding: "utf8" })).toBe("14 answers\n");
});
