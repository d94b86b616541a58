/** @file Tests that an integer network's C gives the reference's bytes on every emulated core. */

import { expect, test } from "vitest";
import { exportC } from "../../src/device/export/index.ts";
import type { QuantizedGraph } from "../../src/device/quantize/index.ts";
import { cores, missingForEmulation, runEmulated } from "./emulated-cores.ts";
import { parityBytes } from "./integer-parity.ts";

export interface ParityCase {
  readonly graph: QuantizedGraph;
  /** int8, one sample each; at least 200 that the network was not trained on */
  readonly samples: readonly Int8Array[];
}

/** One test per family of cores; all samples in one run of the emulator. */
export function testOnEmulatedCores(prepared: () => ParityCase): void {
  for (const family of ["arm", "riscv"] as const) {
    const missing = missingForEmulation(family);
    const own = cores.filter(({ emulation }) => emulation.family === family);
    const title = `gives every byte on emulated cores, ${family}`;
    test.skipIf(missing !== "")(missing === "" ? title : `${title} (${missing} missing)`, () => {
      const { graph, samples } = prepared();
      expect(samples.length).toBeGreaterThanOrEqual(200);
      const { inputs, expected } = parityBytes(graph, samples);
      const { files } = exportC(graph);
      for (const core of own) {
        const { outputs } = runEmulated({ files, name: "student", core, inputs });
        expect(Buffer.from(outputs).equals(Buffer.from(expected)), core.name).toBe(true);
      }
    });
  }
}
