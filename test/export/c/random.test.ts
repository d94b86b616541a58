import { describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import type { QuantizedGraph } from "../../../src/device/quantize/index.ts";
import { hasProgram, runOnHost } from "../../support/c-programs.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { randomNetwork } from "../../support/random-networks.ts";

const seeds = Array.from({ length: 24 }, (_, seed) => seed);
const drawn = seeds.flatMap((seed) => {
  const graph = randomNetwork(seed);
  return graph === undefined ? [] : [{ seed, graph }];
});

const outputType = (graph: QuantizedGraph): "int8_t" | "int32_t" =>
  `${graph.tensors[graph.output]!.dtype}_t`;

test("most drawn networks are accepted", () => {
  expect(drawn.length).toBeGreaterThan(seeds.length / 2);
});

describe.skipIf(!hasProgram("gcc"))("drawn networks in C on the host", () => {
  test.each(drawn)("seed $seed: every byte", ({ graph }) => {
    const { inputs, expected } = parityBytes(graph, randomInputs(graph, 20));
    const name = "drawn_net";
    const { files } = exportC(graph, { name });
    const outputs = runOnHost({ files, name, outputType: outputType(graph), inputs });
    expect([...outputs]).toEqual([...expected]);
  });
});

const missing = missingForEmulation();
const m4 = cores.find(({ name }) => name === "cortex-m4")!;
const others = cores.filter((core) => core !== m4);

describe.skipIf(missing !== "")(
  `drawn networks with SMLAD on an emulated Cortex-M4${missing && ` (skipped: ${missing} missing)`}`,
  () => {
    test.each(drawn)("seed $seed: every byte", ({ graph }) => {
      const { inputs, expected } = parityBytes(graph, randomInputs(graph, 8));
      const { files } = exportC(graph);
      const { outputs } = runEmulated({ files, name: "student", core: m4, inputs });
      expect([...outputs]).toEqual([...expected]);
    });
  },
);

describe("drawn networks on the other cores in turn", () => {
  for (const [at, { seed, graph }] of drawn.entries()) {
    const core = others[at % others.length]!;
    const lacks = missingForEmulation(core.emulation.family);
    test.skipIf(lacks !== "")(
      `seed ${seed} on ${core.name}${lacks && ` (${lacks} missing)`}`,
      () => {
        const { inputs, expected } = parityBytes(graph, randomInputs(graph, 8));
        const { files } = exportC(graph);
        const { outputs } = runEmulated({ files, name: "student", core, inputs });
        expect([...outputs]).toEqual([...expected]);
      },
    );
  }
});
