/** @file Names that a network may have in C: none of them may meet a name of the code itself. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC, exportFrontEnd } from "../../../src/device/export/index.ts";
import {
  planFrontEnd,
  type QuantizedGraph,
  quantizeGraph,
} from "../../../src/device/quantize/index.ts";
import type { Graph } from "../../../src/engine/graph/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { hasProgram, inFolder, strictFlags } from "../../support/c-programs.ts";
import { randomInputs } from "../../support/integer-parity.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";
import { layerSorts, randomLayer } from "../../support/random-layers.ts";
import { recurrentNetwork } from "../../support/recurrent-network.ts";
import { tinyLogMel } from "../../support/small-sounds.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const quantized = (graph: Graph): Promise<QuantizedGraph> =>
  quantizeGraph(graph, { calibration: randomSamples(graph, 8), runtime });

const frontEnd = planFrontEnd({
  logMel: tinyLogMel,
  sample: { dtype: "float32", scale: 1, offset: 0 },
  input: { scale: 0.1, zeroPoint: 0 },
});

/** Compiles all .c files together, each folder's own headers before the system's. */
function compiles(files: ReadonlyMap<string, string>): void {
  inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    const sources = [...files.keys()].filter((path) => path.endsWith(".c"));
    execFileSync("gcc", [...strictFlags, "-I.", "-c", ...sources], { cwd: folder, stdio: "pipe" });
  });
}

describe.skipIf(!hasProgram("gcc"))("C compiles under names that the code uses itself", () => {
  test.each([
    ["gru", true],
    ["reset_gru", false],
  ] as const)("%s for a recurrent network", async (name, linearBeforeReset) => {
    const graph = await quantized(recurrentNetwork(linearBeforeReset));
    compiles(exportC(graph, { name, selfTest: randomInputs(graph, 1) }).files);
  });

  test.each(["codename", "prefix_name", "name", "name_cmsis_nn"])(
    "%s for a network with a front end",
    async (name) => {
      const graph = await quantized(networks.residual!());
      const { files } = exportFrontEnd(frontEnd, name);
      compiles(exportC(graph, { name, beside: files }).files);
      const header = files.get(`${name}_front_end.h`)!;
      expect(header).toContain(`#define ${name.toUpperCase()}_HOP 128\n`);
      expect(header).toContain(`void ${name}_log_mel(`);
    },
  );
});

test("macros of the kernel path bear the network's name, whatever that is", async () => {
  const graph = await quantized(networks.residual!());
  const source = exportC(graph, { name: "name_cmsis_nn" }).files.get("name_cmsis_nn.c")!;
  const macros = source.match(/\w*(_DSP|_CMSIS_NN)\b/g)!.filter((word) => !word.startsWith("_"));
  expect([...new Set(macros)].toSorted()).toEqual(["NAME_CMSIS_NN_CMSIS_NN", "NAME_CMSIS_NN_DSP"]);
});

test("no name of the code itself could be a network's name and a public ending", async () => {
  const graphs = [
    await quantized(recurrentNetwork(true)),
    await quantized(recurrentNetwork(false)),
    ...(await Promise.all(Object.values(networks).map((build) => quantized(build())))),
    ...layerSorts.map((sort) => randomLayer(sort, 1)),
  ];
  const sources = graphs.map((graph) => exportC(graph, { name: "qq" }).files);
  const headers = sources.map((files) => files.get("qq.h")!).join("\n");
  const endings = new Set([...headers.matchAll(/\bqq(_\w+)\(/g)].map(([, ending]) => ending!));
  expect([...endings].toSorted()).toEqual([
    ...["_classify", "_invoke", "_reset", "_run", "_run_step", "_selftest", "_step"],
  ]);
  const code = sources.map((files) => files.get("qq.c")!.replace(/\/\*[\s\S]*?\*\//g, ""));
  const words = new Set(code.flatMap((text) => text.match(/\b[A-Za-z]\w*/g) ?? []));
  const others = [...words].filter((word) => !/^(qq|QQ)_/.test(word));
  expect(others).toEqual(expect.arrayContaining(["step_of_gru", "reset_gru_held", "arg_max"]));
  expect(others.filter((word) => [...endings].some((ending) => word.endsWith(ending)))).toEqual([]);
});

test("a header's name is refused, by the front end too", () => {
  expect(() =>
    exportC(randomLayer("dense", 1), { name: "string" }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: exportC: name must not be that of a C header, which a file of that name would hide, got "string". Use a name like "student".]`,
  );
  for (const name of ["stdint", "math", "arm_nnfunctions", "features", "arduino"])
    expect(() => exportC(randomLayer("dense", 1), { name })).toThrow(/a C header/);
  expect(() => exportFrontEnd(frontEnd, "string")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: exportFrontEnd: name must not be that of a C header, which a file of that name would hide, got "string". Use a name like "student".]`,
  );
  expect(() => exportFrontEnd(frontEnd, "My-Net")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: exportFrontEnd: name must be a C identifier of lower-case letters, digits and _, got "My-Net". Use a name like "student".]`,
  );
});

test("main is refused: the program around a network is in a file of that name", () => {
  expect(() =>
    exportC(randomLayer("dense", 1), { name: "main" }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: exportC: name must not be that of the file with the program around it, main.c, got "main". Use a name like "student".]`,
  );
  expect(() => exportFrontEnd(frontEnd, "main")).toThrow(/main\.c/);
  expect(() => exportC(randomLayer("dense", 1), { name: "Main" })).toThrow(/lower-case/);
});
