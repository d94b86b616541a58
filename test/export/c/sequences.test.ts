import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLiteRt } from "../../../src/app/cli/litert.ts";
import { exportC, exportOnnxInt8, exportTflite } from "../../../src/device/export/index.ts";
import {
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
  withSteps,
} from "../../../src/device/quantize/index.ts";
import { modelLogits } from "../../../src/distill/index.ts";
import { accuracy } from "../../../src/distill/metrics/index.ts";
import type { NetworkSpec } from "../../../src/engine/nn/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { bytesOf } from "../../../src/engine/tensor/index.ts";
import { hasProgram, inFolder, runOnHost, strictFlags } from "../../support/c-programs.ts";
import { testOnEmulatedCores } from "../../support/emulated-parity.ts";
import { parityBytes } from "../../support/integer-parity.ts";
import { stepsApart } from "../../support/onnx-int8-steps.ts";
import { type TrainedDigits, trainDigits } from "../../support/trained-digits.ts";

/** Digits as sequences: 14 rows of 14 pixels. */
const families: Readonly<Record<string, { network: NetworkSpec; epochs: number; least: number }>> =
  {
    gru: { network: { family: "gru", units: [24] }, epochs: 8, least: 0.6 },
    "gru of two levels": { network: { family: "gru", units: [13, 10] }, epochs: 4, least: 0.3 },
    "gru, mean of states": {
      network: { family: "gru", units: [12], pooling: "mean" },
      ...{ epochs: 3, least: 0.2 },
    },
    tcn: { network: { family: "tcn", channels: [10, 14] }, epochs: 4, least: 0.5 },
    "tcn, last position": {
      network: { family: "tcn", channels: [14, 9], kernel: 2, pooling: "last" },
      ...{ epochs: 3, least: 0.3 },
    },
  };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const count = 250;
const hasGcc = hasProgram("gcc");

describe.each(Object.entries(families))(
  "a trained %s in int8",
  (title, { network, epochs, least }) => {
    let trained: TrainedDigits;
    let graph: QuantizedGraph;
    let samples: readonly Int8Array[];
    beforeAll(async () => {
      trained = await trainDigits(network, runtime, epochs);
      graph = await quantizeGraph(trained.graph, { calibration: trained.train, runtime });
      const raw = new Uint8Array(count * 196);
      await trained.test.gather(
        Int32Array.from({ length: count }, (_, at) => at),
        raw,
      );
      const q = quantizeSamples(raw, graph.sample, graph.tensors[graph.input]!);
      samples = Array.from({ length: count }, (_, at) => q.slice(at * 196, (at + 1) * 196));
    });

    test("keeps its accuracy", async () => {
      const { model, test: data } = trained;
      const logits = await modelLogits(runtime, model, data);
      const labels = data.labels.slice(0, count);
      const float = accuracy(logits.slice(0, count * 10), labels);
      const int8 = accuracy(
        Float32Array.from(samples.flatMap((sample) => [...runQuantized(graph, sample)])),
        labels,
      );
      expect(float).toBeGreaterThan(least);
      expect(int8).toBeGreaterThan(float - 0.03);
    });

    test.skipIf(!hasGcc)("gives every byte of the reference as C on the host (gcc)", () => {
      const { inputs, expected } = parityBytes(graph, samples);
      const { files } = exportC(graph, { selfTest: samples.slice(0, 2) });
      const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
    });

    testOnEmulatedCores(() => ({ graph, samples }));

    const isTcn = network.family === "tcn";
    if (isTcn)
      test("gives LiteRT's bytes as .tflite", async () => {
        const litert = await openLiteRt();
        const { inputs, expected } = parityBytes(graph, samples, "xnnpack");
        const rows = samples.map((_, at) => inputs.slice(at * 196, (at + 1) * 196));
        const outputs = litert!.run(exportTflite(graph), rows).flatMap((bytes) => [...bytes]);
        expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
      });

    if (isTcn)
      test("is within one step in ONNX Runtime", async () => {
        const apart = await stepsApart(runtime, graph, trained.test, count);
        expect(Math.max(...apart)).toBeLessThanOrEqual(1);
      });

    if (!isTcn)
      test("is refused by name as .tflite and ONNX, with what to take", () => {
        expect(() => exportTflite(graph)).toThrow(
          /gru.*no gated recurrent unit in int8.*distil a tcn/,
        );
        expect(() => exportOnnxInt8(graph)).toThrow(/gru.*no gated recurrent unit.*--format c/);
      });

    const listens = network.family === "gru" && title !== "gru, mean of states";
    if (listens)
      test.skipIf(!hasGcc)("listens step by step, its state kept", () => {
        // a longer sequence than it was trained on, then one from the start again
        const long = Int8Array.from(samples.slice(0, 3).flatMap((sample) => [...sample]));
        const expected = [long, samples[3]!].flatMap((sequence) =>
          Array.from({ length: sequence.length / 14 }, (_, at) =>
            runQuantized(withSteps(graph, at + 1)!, sequence.slice(0, (at + 1) * 14)),
          ),
        );
        const { files } = exportC(graph);
        for (const flags of [strictFlags, [...strictFlags, "-DSTUDENT_CALLER_ARENA"]])
          inFolder((folder) => {
            for (const [path, text] of files) writeFileSync(join(folder, path), text);
            writeFileSync(join(folder, "main.c"), listener);
            writeFileSync(
              join(folder, "in.bin"),
              Buffer.concat([bytesOf(long), bytesOf(samples[3]!)]),
            );
            execFileSync("gcc", [...flags, "-o", "run", "main.c", "student.c"], { cwd: folder });
            execFileSync(join(folder, "run"), { cwd: folder });
            const bytes = Buffer.concat(expected.map((output) => Buffer.from(bytesOf(output))));
            expect(readFileSync(join(folder, "out.bin")).equals(bytes)).toBe(true);
          });
      });

    if (!listens)
      test("has no steps, for its answer needs the whole sequence", () => {
        expect(withSteps(graph, 1)).toBeUndefined();
        expect(exportC(graph).files.get("student.h")).not.toContain("_step");
      });
  },
);

const listener = `#include <stdio.h>
#include "student.h"
#ifdef STUDENT_CALLER_ARENA
static uint32_t arena[(STUDENT_ARENA_BYTES + 3) / 4], state[STUDENT_STATE_BYTES / 4];
#endif
int main(void) {
  int8_t position[STUDENT_STEP_INPUT_ELEMENTS], output[STUDENT_OUTPUT_ELEMENTS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  int step, i;
  if (!in || !out) return 2;
  for (step = 0; fread(position, 1, sizeof position, in) == sizeof position; step++) {
#ifdef STUDENT_CALLER_ARENA
    if (step == 42) for (i = 0; i < STUDENT_STATE_BYTES / 4; i++) state[i] = 0;
    for (i = 0; i < STUDENT_STEP_INPUT_ELEMENTS; i++) STUDENT_STEP_INPUT(arena)[i] = position[i];
    student_run_step(arena, state);
    for (i = 0; i < STUDENT_OUTPUT_ELEMENTS; i++) output[i] = STUDENT_STEP_OUTPUT(arena)[i];
#else
    (void)i;
    if (step == 42) student_reset();
    student_step(position, output);
#endif
    fwrite(output, 1, sizeof output, out);
  }
  return fclose(out);
}
`;
