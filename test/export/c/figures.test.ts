import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/export/index.ts";
import { quantizeGraph } from "../../../src/quantize/index.ts";
import type { Runtime } from "../../../src/runtime/index.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
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

/** No more than these on a Cortex-M4. */
const limits: Readonly<Record<string, Figures>> = {
  autoencoder: { instructions: 433_000, flashBytes: 272_000, arenaBytes: 2_048 },
  "ds-cnn": { instructions: 6_900_000, flashBytes: 32_000, arenaBytes: 16_300 },
  "resnet-8": { instructions: 23_300_000, flashBytes: 84_000, arenaBytes: 51_500 },
  "mobilenet-0.25": { instructions: 22_300_000, flashBytes: 243_000, arenaBytes: 65_500 },
  "sine mlp": { instructions: 2_134, flashBytes: 752, arenaBytes: 32 },
};

/** TensorFlow Lite Micro with CMSIS-NN, release build, same emulator: docs/mcu.md. */
const peers: Readonly<Record<string, Figures>> = {
  autoencoder: { instructions: 581_868, flashBytes: 309_500, arenaBytes: 2_580 },
  "ds-cnn": { instructions: 7_700_916, flashBytes: 109_100, arenaBytes: 22_820 },
  "resnet-8": { instructions: 29_592_236, flashBytes: 157_100, arenaBytes: 54_996 },
  "mobilenet-0.25": { instructions: 24_198_182, flashBytes: 388_500, arenaBytes: 100_708 },
  "sine mlp": { instructions: 3_461, flashBytes: 32_600, arenaBytes: 772 },
};

const units = { instructions: "instructions", flashBytes: "bytes", arenaBytes: "bytes" } as const;
const missing = missingForEmulation();
const m4 = cores.find(({ name }) => name === "cortex-m4")!;
const rows: object[] = [];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => {
  await runtime.close();
  // MCU_RESULTS=bench/results/FILE.json npx vitest run test/export/c/figures.test.ts
  const file = process.env.MCU_RESULTS;
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
});

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
      for (const metric of ["instructions", "flashBytes", "arenaBytes"] as const) {
        expect(figures[metric], metric).toBeLessThanOrEqual(limits[name]![metric]);
        rows.push(row(name, metric, figures[metric], peers[name]![metric]));
      }
      // frames of this code alone; nothing is placed on the stack by input size
      expect(run.stackBytes).toBeLessThan(600);
    });
  },
);

function row(name: string, metric: keyof Figures, potstill: number, peer: number): object {
  return {
    case: `mcu ${name}`,
    metric,
    unit: units[metric],
    potstill,
    peerName: "TensorFlow Lite Micro with CMSIS-NN",
    peer,
    ratio: peer / potstill,
    threads: 1,
    machine: "Cortex-M4, QEMU mps2-an386, gcc -O2",
    date: new Date().toISOString().slice(0, 10),
  };
}
