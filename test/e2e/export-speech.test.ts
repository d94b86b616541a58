import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Model, networkOf, writeModel } from "../../src/distill/index.ts";
import { initialParameters } from "../../src/engine/nn/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { openLogMelFrames } from "../../src/speech/index.ts";
import { hasProgram } from "../support/c-programs.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { missingForEmulation } from "../support/emulated-cores.ts";
import { npy } from "../support/npy.ts";
import { sounds } from "../support/sounds.ts";

const folder = useFolder();
const classNames = Array.from("abcdef");

/** Starting weights: the files do not depend on training. */
function speechModel(): Uint8Array {
  const about: Omit<Model, "weights"> = {
    spec: { family: "mlp", hidden: [12] },
    sample: { dtype: "float32", shape: [1, 4, 40] },
    preprocessing: { scale: 1, offset: 0 },
    classNames,
  };
  return writeModel({ ...about, weights: initialParameters(networkOf(about).parameters, 1) });
}

/** The program of the documentation, that says how many answers it had. */
const program = `#include <stdio.h>
#include "student.h"
#include "student_front_end.h"

static student_front_end ears;
static uint32_t work[STUDENT_FRONT_END_WORK_WORDS];
static int8_t input[STUDENT_INPUT_ELEMENTS];

int main(void) {
  static int16_t samples[STUDENT_HOP]; /* fill from your microphone */
  int32_t hop, answers = 0;
  student_front_end_reset(&ears);
  for (hop = 0; hop < 20; hop++)
    if (student_hear(&ears, samples, STUDENT_HOP, work)) {
      student_heard(&ears, input);
      if (student_classify(input) >= 0) answers++;
    }
  printf("%d answers\\n", (int)answers);
  return (int)student_selftest();
}
`;

test("a speech student takes its ears along", async () => {
  const runtime = await nodeRuntime({ worker: false });
  const logMel = await openLogMelFrames(runtime);
  const heard = await logMel.frames(Float32Array.from(sounds(0.2), (x) => x / 32768));
  const frames = heard.map((x, at) => x + 1e-3 * Math.sin(at)); // no two silences are the same
  await logMel.close();
  await runtime.close();
  const count = frames.length / 40;
  const at = (file: string): string => `${folder.path}/${file}`;
  writeFileSync(at("f.npy"), npy("f4", [count, 40], frames));
  writeFileSync(at("n.npy"), npy("i4", [2], Int32Array.of(count - 30, 30)));
  writeFileSync(
    at("l.npy"),
    npy(
      "i4",
      [count],
      new Int32Array(count).map((_, i) => i % 6),
    ),
  );
  writeFileSync(
    at("r.yaml"),
    `name: ears
data:
  source: frames
  features: f.npy
  lengths: n.npy
  labels: l.npy
  classNames: [${classNames.join(", ")}]
  context: { before: 2, after: 1 }
  logMel: speech
split: { validation: 0.3, by: group, seed: 1 }
student: { family: mlp, hidden: [12] }
teacher: { train: { network: { family: mlp, hidden: [12] }, training: { epochs: 1 } } }
training: { epochs: 1 }
`,
  );
  writeFileSync(at("model.safetensors"), speechModel());
  const words = ["export", "model.safetensors", "--format", "c", "--calibration", "r.yaml"];
  const board = ["--board", "blue-pill"];
  const { code, stdout, stderr } = await potstill(folder.path, ...words, ...board, "--out", "out");
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  expect(stdout).toContain("student_front_end.h, student_front_end.c");
  expect(stdout).toMatch(/front end: tables \d+ bytes of flash, 976 bytes of RAM/);
  if (missingForEmulation() === "") {
    const [, instructions] = /work +([\d,]+) instructions/.exec(stdout) ?? [];
    // of a hop: the front end's 69,188 on an M3, and the network's few
    expect(Number(instructions?.replaceAll(",", ""))).toBeGreaterThan(60_000);
  }
  if (!hasProgram("gcc")) return;
  expect(stdout).toMatch(/features on 48 frames, byte for byte/);
  writeFileSync(at("out/main.c"), program);
  const sources = ["main.c", "student.c", "student_selftest.c", "student_front_end.c"];
  execFileSync("gcc", ["-O2", "-o", "run", ...sources], { cwd: at("out") });
  // 20 hops hold 18 frames; the last waits for the one after it
  expect(execFileSync(at("out/run"), { encoding: "utf8" })).toBe("17 answers\n");
  expect(readFileSync(at("out/student_front_end.h"), "utf8")).toContain("STUDENT_HOP 160");
});
