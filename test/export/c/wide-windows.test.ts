/** @file Windows whose numbers need more than 8 bits, and what needs more than 16. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { type QuantizedGraph, quantizeGraph } from "../../../src/device/quantize/index.ts";
import { type Graph, input, type Value, withOrigin } from "../../../src/engine/graph/index.ts";
import {
  type Conv1dOptions,
  conv1d,
  conv2d,
  globalAveragePool,
  maxPool,
  relu,
  reshape,
} from "../../../src/engine/ops/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { elementCount, type Shape } from "../../../src/engine/tensor/index.ts";
import { hasProgram, inFolder, runOnHost } from "../../support/c-programs.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { builder, drawer, graphOf, randomSamples } from "../../support/quantized-networks.ts";

/** samples → layers → all of their elements as logits */
function network(shape: Shape, layers: (x: Value) => Value): Graph {
  const samples = input("samples", "float32", [1, ...shape]);
  const y = withOrigin(layers(samples), "wide");
  return graphOf("wide", samples, reshape(y, [1, elementCount(y.shape)]));
}

/** a convolution over [channels, length] with 4 outputs */
function along(length: number, kernel: number, options: Conv1dOptions): Graph {
  const bias = drawer(32)([4], 0.2);
  return network([3, length], (x) =>
    relu(conv1d(x, drawer(31)([4, 3, kernel], 0.2), { bias, ...options })),
  );
}

function depthwise(channels: number, perInput: number, dilation: number): Graph {
  const kernel = drawer(33)([channels * perInput, 1, 1, 3], 0.4);
  const window = { groups: channels, dilations: [1, dilation], padding: "same" } as const;
  return network([channels, 2, 140], (x) => conv2d(x, kernel, window));
}

/** an image [2, height, 3] whose mean is taken */
function mean(height: number): Graph {
  const { conv } = builder(34);
  return network([2, height, 3], (x) => globalAveragePool(conv(x, 4, { kernel: 1 })));
}

const wide: Readonly<Record<string, () => Graph>> = {
  "a mean over 128 rows": () => mean(128),
  "a mean over 300 rows": () => mean(300),
  "a pool of 130 columns": () => network([2, 2, 260], (x) => maxPool(x, { kernel: [1, 130] })),
  "kernels of 160 with strides of 130": () => along(700, 160, { stride: 130 }),
  "128 of padding on the left": () => along(100, 3, { dilation: 64, padding: "causal" }),
  "a dilation of 130": () => along(300, 3, { dilation: 130 }),
  "a depthwise dilation of 128": () => depthwise(8, 1, 128),
  "130 outputs of each input channel": () => depthwise(2, 130, 1),
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const quantized = (graph: Graph): Promise<QuantizedGraph> =>
  quantizeGraph(graph, { calibration: randomSamples(graph, 8), runtime });

const hasGcc = hasProgram("gcc");
const missing = missingForEmulation();
const m4 = cores.find(({ name }) => name === "cortex-m4")!;

describe.each(Object.entries(wide))("%s", (_, build) => {
  test.skipIf(!hasGcc)("gives every byte of the reference on the host (gcc)", async () => {
    const graph = await quantized(build());
    const { inputs, expected } = parityBytes(graph, randomInputs(graph, 6));
    const { files } = exportC(graph);
    const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });

  test.skipIf(missing !== "")(
    `and on an emulated Cortex-M4${missing && ` (${missing} missing)`}`,
    async () => {
      const graph = await quantized(build());
      const { inputs, expected } = parityBytes(graph, randomInputs(graph, 3));
      const { files } = exportC(graph);
      const { outputs } = runEmulated({ files, name: "student", core: m4, inputs });
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
    },
  );
});

/** @returns what C says the size of a `window` is */
function windowBytes(files: ReadonlyMap<string, string>): number {
  return inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    const program = `#include <stdio.h>
#include "student.c"
int main(void) { return printf("%d", (int)sizeof(window)) < 0; }
`;
    writeFileSync(join(folder, "main.c"), program);
    execFileSync("gcc", ["-o", "run", "main.c"], { cwd: folder });
    return Number(execFileSync(join(folder, "run"), { encoding: "utf8" }));
  });
}

test.skipIf(!hasGcc)("only such networks' windows take more flash, and it is counted", async () => {
  const [narrow, other] = [
    exportC(await quantized(mean(127))),
    exportC(await quantized(mean(128))),
  ];
  expect([windowBytes(narrow.files), windowBytes(other.files)]).toEqual([18, 26]);
  expect(other.constantBytes - narrow.constantBytes).toBe(2 * 8); // a convolution and the mean
});

describe("what needs more than 16 bits", () => {
  test("is refused by the layer's name, and the largest that fits is not", async () => {
    expect(exportC(await quantized(along(32767, 2, { stride: 32765 }))).macs).toBe(48);
    const longer = await quantized(along(32768, 2, { stride: 32765 }));
    expect(() => exportC(longer)).toThrowErrorMatchingInlineSnapshot(
      `[ExportError: wide: the C code keeps the sizes of images and windows in 16 bits, each up to 32767, got input width 32768. Take shorter samples, or export it as .tflite or ONNX int8.]`,
    );
  });

  test("depth multipliers, too", async () => {
    const kernel = drawer(35)([65536, 1, 1, 1], 0.4);
    const graph = await quantized(network([2, 1, 2], (x) => conv2d(x, kernel, { groups: 2 })));
    expect(() => exportC(graph)).toThrowErrorMatchingInlineSnapshot(
      `[ExportError: wide: the C code keeps the sizes of images and windows in 16 bits, each up to 32767, got depth multiplier 32768. Take shorter samples, or export it as .tflite or ONNX int8.]`,
    );
  });
});
