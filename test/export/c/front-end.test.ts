import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportFrontEnd } from "../../../src/device/export/index.ts";
import {
  affineQuantization,
  planFrontEnd,
  quantizeSamples,
  runFrontEnd,
} from "../../../src/device/quantize/index.ts";
import type { LogMelOptions } from "../../../src/engine/ops/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { openLogMelFrames, speechLogMel } from "../../../src/speech/index.ts";
import { hasProgram, inFolder, strictFlags } from "../../support/c-programs.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { sounds } from "../../support/sounds.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const sample = { dtype: "float32", scale: 1, offset: 0 } as const;
const pcm = sounds(1.6);

const cases: Readonly<Record<string, LogMelOptions>> = {
  "of speech": speechLogMel,
  "of keyword spotters": {
    ...{ sampleRate: 16_000, frameLength: 480, hop: 320, fftSize: 512, mels: 20 },
    ...{ melScale: "slaney", normalization: "slaney", lowFrequency: 60, highFrequency: 7000 },
  },
  "without a window": {
    ...{ sampleRate: 16_000, frameLength: 256, hop: 512, fftSize: 256, mels: 10, floor: 1e-4 },
    window: "none",
  },
};

/** @returns the graph's features, float32, of the whole sound */
async function floatFeatures(options: LogMelOptions): Promise<Float32Array> {
  const logMel = await openLogMelFrames(runtime, options);
  const frames = await logMel.frames(Float32Array.from(pcm, (x) => x / 32768));
  await logMel.close();
  return frames;
}

describe.each(Object.entries(cases))("a fixed-point front end %s", (_, options) => {
  test("is within one step of the graph's int8 log-mel, loud, soft and silent", async () => {
    const features = await floatFeatures(options);
    const range = features.reduce(
      ({ min, max }, x) => ({ min: Math.min(min, x), max: Math.max(max, x) }),
      { min: 0, max: 0 },
    );
    const input = affineQuantization(range);
    const expected = quantizeSamples(features, sample, input);
    const got = runFrontEnd(planFrontEnd({ logMel: options, sample, input }), pcm);
    const differences = got.map((q, at) => Math.abs(q - expected[at]!));
    const worst = differences.reduce((most, d) => Math.max(most, d), 0);
    expect(got).toHaveLength(expected.length);
    expect(worst).toBeLessThanOrEqual(1);
    // most are the same: only those near the middle between two steps may differ
    expect(differences.filter((d) => d > 0).length / got.length).toBeLessThan(0.02);
  });
});

/** Hears the sound in pieces of changing length; frame by frame too. */
const harness = `#include <stdio.h>
#include <string.h>
#include "ears_front_end.h"
static ears_front_end state;
static uint32_t work[EARS_FRONT_END_WORK_WORDS];
int main(void) {
  static int16_t piece[EARS_HOP];
  static int8_t input[EARS_FRAMES * EARS_MELS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  int32_t count = 1, got, i;
  if (!in || !out) return 2;
  ears_front_end_reset(&state);
  while ((got = (int32_t)fread(piece, 2, (size_t)count, in)) > 0) {
    if (ears_hear(&state, piece, got, work)) {
      ears_heard(&state, input);
      fwrite(input, 1, sizeof input, out);
    }
    count = count * 7 % EARS_HOP + 1;
  }
  for (i = 0; i < EARS_FRAMES_AFTER; i++)
    if (ears_hear_end(&state)) {
      ears_heard(&state, input);
      fwrite(input, 1, sizeof input, out);
    }
  return fclose(out);
}
`;

/** @returns frames with their neighbours, the ends repeated, as framesDataset has them */
function withNeighbours(
  frames: Int8Array,
  mels: number,
  { before, after }: { readonly before: number; readonly after: number },
): Int8Array {
  const count = frames.length / mels;
  const rows: number[] = [];
  for (let i = 0; i < count; i++)
    for (let j = i - before; j <= i + after; j++) {
      const at = Math.max(0, Math.min(count - 1, j)) * mels;
      rows.push(...frames.subarray(at, at + mels));
    }
  return Int8Array.from(rows);
}

describe.skipIf(!hasProgram("gcc"))("its C on the host (gcc)", () => {
  test.each(Object.entries(cases))("%s gives the reference's bytes in any pieces", (_, logMel) => {
    const heard = pcm.filter((_, at) => at % 64_000 < 32_000);
    const context = { before: 4, after: 2 };
    const statistics = {
      mean: Array.from({ length: logMel.mels }, (_, m) => -3 - 0.1 * m),
      deviation: Array.from({ length: logMel.mels }, (_, m) => 1 + 0.05 * m),
    };
    const input = { scale: Math.fround(0.031), zeroPoint: -9 };
    const plan = planFrontEnd({ logMel, context, statistics, sample, input });
    const expected = withNeighbours(runFrontEnd(plan, heard), logMel.mels, context);
    const { files } = exportFrontEnd(plan, "ears");
    inFolder((folder) => {
      for (const [path, text] of files) writeFileSync(join(folder, path), text);
      writeFileSync(join(folder, "main.c"), harness);
      writeFileSync(join(folder, "in.bin"), Buffer.from(heard.buffer));
      const sources = ["main.c", "ears_front_end.c"];
      // as for a core that multiplies 16 bits by 16, too
      for (const path of [[], ["-D__ARM_ARCH_ISA_THUMB=1"]]) {
        const flags = [...strictFlags, ...path, "-O1"];
        execFileSync("gcc", [...flags, "-o", "run", ...sources], { cwd: folder });
        execFileSync(join(folder, "run"), { cwd: folder });
        const bytes = readFileSync(join(folder, "out.bin"));
        expect(bytes.equals(Buffer.from(expected.buffer))).toBe(true);
      }
    });
  });
});

describe("its C on emulated cores", () => {
  const [input, context] = [
    { scale: Math.fround(0.05), zeroPoint: 3 },
    { before: 0, after: 0 },
  ];
  const plan = planFrontEnd({ logMel: speechLogMel, context, sample, input });
  const { hop, frameLength, mels } = plan;
  // of every kind of sound, then what is as large and as small as can be
  const heard = [
    ...Array.from({ length: 208 }, (_, i) => pcm.slice(1590 * i, 1590 * i + frameLength)),
    ...[32767, -32768, 0, 1].map((x) => new Int16Array(frameLength).fill(x)),
    Int16Array.from({ length: frameLength }, (_, t) => (t % 2 ? 32767 : -32768)),
    Int16Array.from({ length: frameLength }, (_, t) => (t === 200 ? 32767 : 0)),
  ];
  // a network that is nothing but the front end
  const files = new Map([
    ...exportFrontEnd(plan, "ears").files,
    [
      "only.h",
      `#include "ears_front_end.h"
#define ONLY_ARENA_BYTES (4 * EARS_FRONT_END_WORK_WORDS + 2 * EARS_FRAME_LENGTH + EARS_MELS)
#define ONLY_INPUT(arena) ((int8_t *)((arena) + EARS_FRONT_END_WORK_WORDS))
#define ONLY_INPUT_ELEMENTS (2 * EARS_FRAME_LENGTH)
#define ONLY_OUTPUT(arena) (ONLY_INPUT(arena) + ONLY_INPUT_ELEMENTS)
#define ONLY_OUTPUT_ELEMENTS EARS_MELS
void only_run(uint32_t *arena);
`,
    ],
    [
      "only.c",
      `#include "only.h"
void only_run(uint32_t *arena) {
  ears_log_mel((const int16_t *)(const void *)ONLY_INPUT(arena), ONLY_OUTPUT(arena), arena);
}
`,
    ],
  ]);

  for (const core of cores) {
    const missing = missingForEmulation(core.emulation.family);
    const title = missing === "" ? core.name : `${core.name} (without ${missing})`;
    test.skipIf(missing !== "")(title, () => {
      const samples = Buffer.concat(heard.map((frame) => Buffer.from(frame.buffer)));
      const inputs = new Int8Array(samples);
      const run = runEmulated({ files, name: "only", core, inputs, count: true });
      const expected = heard.flatMap((frame) => [
        ...new Uint8Array(runFrontEnd(plan, frame).buffer),
      ]);
      expect(run.outputs).toHaveLength(heard.length * mels);
      expect(Buffer.from(run.outputs).equals(Buffer.from(expected))).toBe(true);
      // no instruction depends on what is heard: every frame is the worst one
      expect(run.instructions).toHaveLength(heard.length);
      expect(new Set(run.instructions).size).toBe(1);
      if (core.name !== "cortex-m4") return;
      // 100 frames a second: about a fifteenth of a Cortex-M4 at 64 MHz if an instruction takes a
      // cycle
      expect(run.instructions[0]).toBeLessThan(75_000);
      expect(run.instructions[0]! * (16_000 / hop)).toBeLessThan(7.5e6);
    });
  }
});
