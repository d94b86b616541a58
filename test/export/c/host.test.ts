import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { quantizeGraph } from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { hasProgram, runOnHost } from "../../support/c-programs.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const hasGcc = hasProgram("gcc");

describe.skipIf(!hasGcc)("C on the host equals the integer reference in every byte (gcc)", () => {
  test.each(Object.entries(networks))("%s", async (_, build) => {
    const graph = build();
    const calibration = randomSamples(graph, 16);
    const quantized = await quantizeGraph(graph, { calibration, runtime });
    const { inputs, expected } = parityBytes(quantized, randomInputs(quantized, 200));
    const { files } = exportC(quantized);
    const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });
});
