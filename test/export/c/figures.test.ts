import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { quantizeGraph } from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";
import { randomSamples } from "../../support/quantized-networks.ts";

/** instructions, flash with tables and code, arena; bytes of 1000 a KB */
interface Figures {
  readonly instructions: number;
  readonly flashBytes: number;
  readonly arenaBytes: number;
}

/**
 * No more than these on a Cortex-M4. bench/mcu/figures.mjs measures trained networks beside peers.
 */
const limits: Readonly<Record<string, Figures>> = {
  autoencoder: { instructions: 433_000, flashBytes: 272_000, arenaBytes: 2_048 },
  "ds-cnn": { instructions: 6_900_000, flashBytes: 32_000, arenaBytes: 16_300 },
  "resnet-8": { instructions: 23_300_000, flashBytes: 84_000, arenaBytes: 51_500 },
  "mobilenet-0.25": { instructions: 22_300_000, flashBytes: 243_000, arenaBytes: 65_500 },
  "sine mlp": { instructions: 2_134, flashBytes: 752, arenaBytes: 32 },
};

const missing = missingForEmulation();
const m4 = cores.find(({ name }) => name === "cortex-m4")!;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe.skipIf(missing !== "")(
  `MLPerf Tiny's architectures on a Cortex-M4${missing && ` (skipped: ${missing} missing)`}`,
  () => {
    test.each(Object.entries(mlperfTiny))("%s", async (name, build) => {
      const graph = build();
      const calibration = randomSamples(graph, 8);
      const quantized = await quantizeGraph(graph, { calibration, runtime });
      const { inputs, expected } = parityBytes(quantized, randomInputs(quantized, 3));
      const { files, arenaBytes } = exportC(quantized);
      const run = runEmulated({ files, name: "student", core: m4, inputs, count: true });
      expect(Buffer.from(run.outputs).equals(Buffer.from(expected))).toBe(true);
      const figures: Figures = {
        instructions: Math.max(...run.instructions),
        flashBytes: run.objectBytes,
        arenaBytes: files.get("student.h")!.includes("#define STUDENT_DSP 1")
          ? arenaBytes.dsp
          : arenaBytes.portable,
      };
      for (const metric of ["instructions", "flashBytes", "arenaBytes"] as const)
        expect(figures[metric], metric).toBeLessThanOrEqual(limits[name]![metric]);
      // nothing is skipped for what the data are: a softmax and a clamp or two take turns
      const fewest = Math.min(...run.instructions);
      expect(figures.instructions - fewest).toBeLessThan(0.002 * figures.instructions);
      // frames of this code alone; nothing is placed on the stack by input size
      expect(run.stackBytes).toBeLessThan(600);
    });
  },
);
