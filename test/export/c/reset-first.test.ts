import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import {
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
  withSteps,
} from "../../../src/device/quantize/index.ts";
import { compileGraph } from "../../../src/engine/compile/index.ts";
import { type Graph, input, withOrigin } from "../../../src/engine/graph/index.ts";
import { gruSequence, reshape, slice, transpose } from "../../../src/engine/ops/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { bytesOf, float32 } from "../../../src/engine/tensor/index.ts";
import { hasProgram, inFolder, runOnHost, strictFlags } from "../../support/c-programs.ts";
import { testOnEmulatedCores } from "../../support/emulated-parity.ts";
import { parityBytes } from "../../support/integer-parity.ts";
import { builder, graphOf, randomSamples } from "../../support/quantized-networks.ts";

const [steps, features, count] = [14, 5, 200];

/** Two levels of units, an answer from the last state; weights drawn as training starts. */
function recurrent(units: readonly number[], linearBeforeReset: boolean): Graph {
  const { draw, dense } = builder(21);
  const samples = input("samples", "float32", [1, steps, features]);
  let states = transpose(samples, [1, 0, 2]);
  for (const [level, own] of units.entries()) {
    const from = states.shape[2]!;
    const kernel = draw([3 * own, from], 1 / Math.sqrt(from));
    const recurrentKernel = draw([3 * own, own], 1 / Math.sqrt(own));
    const bias = draw([6 * own], 0.2);
    const next = gruSequence(states, kernel, recurrentKernel, bias, { linearBeforeReset });
    states = withOrigin(next, `level${level + 1}`);
  }
  const rows = transpose(states, [1, 0, 2]);
  const last = slice(rows, { starts: [steps - 1], ends: [steps], axes: [1] });
  return graphOf("reset first", samples, dense(reshape(last, [1, units.at(-1)!]), 6));
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const root = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe.each([
  ["odd widths", [7, 9]],
  ["multiples of four", [8, 12]],
])("a gru whose reset gate comes before the product, %s", (_, units) => {
  let graph: QuantizedGraph;
  let float: Graph;
  let raw: Float32Array;
  let samples: readonly Int8Array[];
  beforeAll(async () => {
    float = recurrent(units, false);
    graph = await quantizeGraph(float, { calibration: randomSamples(float, 64), runtime });
    raw = new Float32Array(count * steps * features);
    const data = randomSamples(float, count, 8);
    await data.gather(
      Int32Array.from({ length: count }, (__, at) => at),
      raw,
    );
    const q = quantizeSamples(raw, graph.sample, graph.tensors[graph.input]!);
    const size = steps * features;
    samples = Array.from({ length: count }, (__, at) => q.slice(at * size, (at + 1) * size));
  });

  /** @returns how far int8 lies from a float network, as a share of its outputs */
  async function shareApart(int8: QuantizedGraph, of: Graph): Promise<number> {
    const session = await runtime.load(compileGraph(of, { batchAxis: "batch" }));
    const { outputs } = await session.run({ samples: float32([count, steps, features], raw) });
    await session.dispose();
    const expected = [...(outputs.logits!.data as Float32Array)];
    const { scale, zeroPoint } = int8.tensors[int8.output]!;
    const got = samples.flatMap((sample) =>
      [...runQuantized(int8, sample)].map((q) => scale * (q - zeroPoint)),
    );
    return root(expected.map((x, at) => x - got[at]!)) / root(expected);
  }

  test("is as near to its float network as the other kind to its own, far from that", async () => {
    const other = recurrent(units, true);
    const calibration = randomSamples(other, 64);
    const otherInt8 = await quantizeGraph(other, { calibration, runtime });
    const [own, others] = [await shareApart(graph, float), await shareApart(otherInt8, other)];
    // the reset gate, about a half, multiplies the error of the state's 8 bits there, but not here
    expect(own).toBeLessThan(2 * others);
    expect(await shareApart(graph, other)).toBeGreaterThan(3 * own);
  });

  test.skipIf(!hasProgram("gcc"))("gives every byte of the reference as C on the host", () => {
    const { inputs, expected } = parityBytes(graph, samples);
    const { files } = exportC(graph, { selfTest: samples.slice(0, 2) });
    const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });

  testOnEmulatedCores(() => ({ graph, samples }));

  test.skipIf(!hasProgram("gcc"))("listens step by step", () => {
    const sample = samples[3]!;
    const expected = Array.from({ length: steps }, (__, at) =>
      runQuantized(withSteps(graph, at + 1)!, sample.slice(0, (at + 1) * features)),
    );
    inFolder((folder) => {
      for (const [path, text] of exportC(graph).files) writeFileSync(join(folder, path), text);
      writeFileSync(join(folder, "main.c"), listener);
      writeFileSync(join(folder, "in.bin"), bytesOf(sample));
      const flags = [...strictFlags, "-o", "run"];
      execFileSync("gcc", [...flags, "main.c", "student.c"], { cwd: folder });
      execFileSync(join(folder, "run"), { cwd: folder });
      const bytes = Buffer.concat(expected.map((output) => Buffer.from(bytesOf(output))));
      expect(readFileSync(join(folder, "out.bin")).equals(bytes)).toBe(true);
    });
  });
});

const listener = `#include <stdio.h>
#include "student.h"
int main(void) {
  int8_t position[STUDENT_STEP_INPUT_ELEMENTS], output[STUDENT_OUTPUT_ELEMENTS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  if (!in || !out) return 2;
  while (fread(position, 1, sizeof position, in) == sizeof position) {
    student_step(position, output);
    fwrite(output, 1, sizeof output, out);
  }
  return fclose(out);
}
`;
