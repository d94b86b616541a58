import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { quantizeGraph } from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** a title's end that says what is missing */
const skipped = (missing: string): string => missing && ` (skipped: ${missing} missing)`;

describe.each(["arm", "riscv"] as const)(
  "C on emulated cores equals the reference, %s",
  (family) => {
    const missing = missingForEmulation(family);
    const own = cores.filter(({ emulation }) => emulation.family === family);
    test.skipIf(missing !== "").each(Object.entries(networks))(
      `%s${skipped(missing)}`,
      async (_, build) => {
        const graph = build();
        const calibration = randomSamples(graph, 16);
        const quantized = await quantizeGraph(graph, { calibration, runtime });
        const { inputs, expected } = parityBytes(quantized, randomInputs(quantized, 20));
        const { files } = exportC(quantized);
        for (const core of own) {
          const { outputs } = runEmulated({ files, name: "student", core, inputs });
          expect(Buffer.from(outputs).equals(Buffer.from(expected)), core.name).toBe(true);
        }
      },
    );
  },
);
