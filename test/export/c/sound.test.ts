/** @file Networks of sound as C: trained on samples, run from samples, in integers all the way. */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayDataset, type Dataset } from "../../../src/data/index.ts";
import { exportC, exportFrontEnd } from "../../../src/device/export/index.ts";
import {
  type FrontEnd,
  type QuantizedGraph,
  runQuantized,
} from "../../../src/device/quantize/index.ts";
import {
  footprintOf,
  frontEndOf,
  type HeardSound,
  heardSound,
  isSoundModel,
  modelLogits,
  quantizeAfterLogMel,
  quantizeModel,
  type SoundModel,
  soundSamples,
} from "../../../src/distill/index.ts";
import { accuracy } from "../../../src/distill/metrics/index.ts";
import type { NetworkSpec } from "../../../src/engine/nn/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { isDistillError } from "../../../src/errors/index.ts";
import { hasProgram, inFolder, strictFlags } from "../../support/c-programs.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { tinyLogMel, trainOnSound } from "../../support/small-sounds.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

interface Listener {
  readonly model: SoundModel;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly graph: QuantizedGraph;
  readonly frontEnd: FrontEnd;
  readonly heard: HeardSound;
}

async function listener(network: NetworkSpec, epochs: number): Promise<Listener> {
  const { model, train, test: others } = await trainOnSound(runtime, network, epochs);
  if (!isSoundModel(model)) throw new Error("no logMel");
  const graph = await quantizeAfterLogMel(model, { calibration: train, runtime });
  const frontEnd = frontEndOf(model, graph);
  const heard = await heardSound(runtime, { model, graph, frontEnd }, others);
  return { model, train, test: others, graph, frontEnd, heard };
}

/** Recordings from a file, each hop by hop; the answer to the last frame's window. */
const program = `#include <stdio.h>
#include "net.h"
#include "net_front_end.h"
static net_front_end ears;
static uint32_t work[NET_FRONT_END_WORK_WORDS];
int main(void) {
  static int16_t sound[2000];
  static int8_t input[NET_INPUT_ELEMENTS], output[NET_OUTPUT_ELEMENTS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  if (!in || !out) return 2;
  while (fread(sound, sizeof sound, 1, in) == 1) {
    int32_t at, count, answers = 0;
    net_front_end_reset(&ears);
    for (at = 0; at < 2000; at += count) {
      count = 2000 - at < NET_HOP ? 2000 - at : NET_HOP;
      answers += net_hear(&ears, sound + at, count, work);
    }
    if (answers != NET_FRAMES) return 3;
    net_heard(&ears, input);
    net_invoke(input, output);
    fwrite(output, 1, sizeof output, out);
  }
  return fclose(out);
}
`;

const bytesOf = (parts: readonly (Int8Array | Int16Array | Int32Array)[]): Buffer =>
  Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );

/** @returns the C files of network and front end */
function filesOf({ graph, frontEnd }: Listener): ReadonlyMap<string, string> {
  return exportC(graph, { name: "net", beside: exportFrontEnd(frontEnd, "net").files }).files;
}

/** @returns what the compiled front end and network make of the sound */
function fromSoundOnHost(listener: Listener, sound: readonly Int16Array[]): Buffer {
  const files = filesOf(listener);
  return inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, "main.c"), program);
    writeFileSync(join(folder, "in.bin"), bytesOf(sound));
    const sources = [...files.keys(), "main.c"].filter((path) => path.endsWith(".c"));
    execFileSync("gcc", [...strictFlags, "-O1", "-o", "run", ...sources], { cwd: folder });
    execFileSync(join(folder, "run"), { cwd: folder });
    return readFileSync(join(folder, "out.bin"));
  });
}

/** The same as a network whose input is a recording: what the emulated cores' program runs. */
const asNetwork = {
  "only.h": `#include "net.h"
#include "net_front_end.h"
#define ONLY_INPUT_ELEMENTS 4000
#define ONLY_INPUT(arena) ((int8_t *)((arena) + NET_FRONT_END_WORK_WORDS))
#define ONLY_FEATURES(arena) (ONLY_INPUT(arena) + ONLY_INPUT_ELEMENTS)
#define ONLY_OUTPUT(arena) (ONLY_FEATURES(arena) + NET_INPUT_ELEMENTS)
#define ONLY_OUTPUT_ELEMENTS NET_OUTPUT_ELEMENTS
#define ONLY_ARENA_BYTES \\
  (4 * NET_FRONT_END_WORK_WORDS + ONLY_INPUT_ELEMENTS + NET_INPUT_ELEMENTS + NET_OUTPUT_ELEMENTS)
void only_run(uint32_t *arena);
`,
  "only.c": `#include "only.h"
static net_front_end ears;
void only_run(uint32_t *arena) {
  const int16_t *const sound = (const int16_t *)(const void *)ONLY_INPUT(arena);
  int32_t at, count;
  net_front_end_reset(&ears);
  for (at = 0; at < 2000; at += count) {
    count = 2000 - at < NET_HOP ? 2000 - at : NET_HOP;
    net_hear(&ears, sound + at, count, arena);
  }
  net_heard(&ears, ONLY_FEATURES(arena));
  net_invoke(ONLY_FEATURES(arena), ONLY_OUTPUT(arena));
}
`,
};

const cases: readonly (readonly [string, NetworkSpec, number])[] = [
  ["an image of frames", { family: "cnn", channels: [6], logMel: tinyLogMel }, 8],
  ["a sequence of frames", { family: "tcn", channels: [12], logMel: tinyLogMel }, 24],
];

describe.each(cases)("a network of sound, %s", (_, network, epochs) => {
  let own: Listener;
  beforeAll(async () => {
    own = await listener(network, epochs);
  });

  test("hears in integers what the graph hears, within a step", () => {
    const { features, different } = own.heard;
    expect(features).toBe(200 * 14 * 12);
    expect(different / features).toBeLessThan(0.02); // those near the middle between two steps
  });

  test("is right about as often as it was in float, from samples to answer", async () => {
    const { graph, heard, model, test: others } = own;
    const integers = heard.samples.flatMap((sample) => [...runQuantized(graph, sample)]);
    const float = accuracy(await modelLogits(runtime, model, others), others.labels);
    expect(float).toBeGreaterThan(0.9);
    expect(accuracy(Float32Array.from(integers), others.labels)).toBeGreaterThan(float - 0.03);
  });

  const expectedBytes = (): Buffer =>
    bytesOf(own.heard.samples.map((sample) => runQuantized(own.graph, sample)));

  test.skipIf(!hasProgram("gcc"))("gives the reference's bytes on the host (gcc)", async () => {
    const sound = await soundSamples(own.test);
    expect(fromSoundOnHost(own, sound).equals(expectedBytes())).toBe(true);
  });

  for (const core of cores) {
    const missing = missingForEmulation(core.emulation.family);
    const title = `gives them on an emulated ${core.name}`;
    test.skipIf(missing !== "")(
      missing === "" ? title : `${title} (${missing} missing)`,
      async () => {
        const inputs = new Int8Array(bytesOf(await soundSamples(own.test)));
        const files = new Map([...filesOf(own), ...Object.entries(asNetwork)]);
        const { outputs } = runEmulated({ files, name: "only", core, inputs });
        expect(Buffer.from(outputs).equals(expectedBytes())).toBe(true);
      },
    );
  }
});

test("its footprint is known before training: network and front end", async () => {
  const { model, graph, frontEnd } = await listener(
    { family: "mlp", hidden: [4], logMel: tinyLogMel },
    1,
  );
  const { frontEnd: ears, ...net } = footprintOf(model);
  const { constantBytes, arenaBytes } = exportC(graph, { name: "net" });
  expect(net).toMatchObject({ constantBytes, arenaBytes });
  expect(ears?.constantBytes).toBe(exportFrontEnd(frontEnd, "net").constantBytes);
  // two bytes a sample of a frame, a byte a feature; a word a point of the transform
  expect(ears).toMatchObject({ stateBytes: 512 + 14 * 12 + 16, workBytes: 1024 });
});

describe("refuses", () => {
  const about = { sample: { dtype: "float32", shape: [2000] }, classNames: ["a", "b"] } as const;
  const model: SoundModel = {
    ...about,
    spec: { family: "mlp", hidden: [], logMel: tinyLogMel },
    preprocessing: { scale: 1, offset: 0 },
    weights: new Map(),
  };

  async function refusal(work: () => unknown): Promise<string> {
    try {
      await work();
    } catch (error) {
      if (isDistillError(error)) return `${error.code}: ${error.message}`;
      throw error;
    }
    return "nothing";
  }

  test("to take a model of sound for one of features", async () => {
    const calibration = arrayDataset({
      ...about.sample,
      name: "x",
      data: new Float32Array(2000),
      labels: [0],
      classNames: about.classNames,
    });
    expect(
      await refusal(() => quantizeModel(model, { calibration, runtime })),
    ).toMatchInlineSnapshot(
      `"quantize/log-mel: log mel, mlp 168-2: log-mel features have no int8 operator: networks of sound are split behind them, got a model whose spec has logMel. Call quantizeAfterLogMel and frontEndOf, or potstill export --format c."`,
    );
  });

  test("sound beyond full scale", async () => {
    const data = new Float32Array(2000).fill(1.5);
    const loud = arrayDataset({
      ...about.sample,
      name: "loud",
      data,
      labels: [0],
      classNames: about.classNames,
    });
    expect(await refusal(() => soundSamples(loud))).toMatchInlineSnapshot(
      `"quantize/amplitude: loud: sound must be within −1 … 1 after preprocessing, where the front end's 16 bits end, got 1.500. Train with preprocessing: {scale: 1/32768, offset: 0} on samples of 16 bits."`,
    );
  });

  test("training on the int8 grid", async () => {
    expect(
      await refusal(() => trainOnSound(runtime, model.spec, 1, { quantizationAware: {} })),
    ).toMatchInlineSnapshot(
      `"config/conflict: log mel, mlp 168-5: quantisation-aware training starts at a network's input, which here is sound, got a network that begins with logMel. Leave quantizationAware out, or train on log-mel frames (source: frames)."`,
    );
  });
});
