/** @file Softmax and argMax go over all elements of a sample, in whatever shape they stand. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLiteRt } from "../../src/app/cli/litert.ts";
import { exportC, exportOnnxInt8, exportTflite } from "../../src/device/export/index.ts";
import {
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { argMax, reshape, softmax, transpose } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { hasProgram, inFolder, strictFlags } from "../support/c-programs.ts";
import { parityBytes, randomInputs } from "../support/integer-parity.ts";
import { stepsApart } from "../support/onnx-int8-steps.ts";
import { builder, graphOf, randomSamples } from "../support/quantized-networks.ts";

/** 5 logits of 6 features, and what follows them */
function ending(next: (logits: Value) => Value): Graph {
  const { dense } = builder(61);
  const samples = input("samples", "float32", [1, 6]);
  return graphOf("ending", samples, next(dense(samples, 5)));
}

const asSequence = (x: Value): Value => reshape(x, [1, 1, 5]);

const cases: Readonly<Record<string, () => Graph>> = {
  "softmax of a sequence": () => ending((x) => softmax(asSequence(x), 2)),
  "softmax of an image": () => ending((x) => softmax(reshape(x, [1, 1, 5, 1]), 2)),
  "argMax of a sequence": () => ending((x) => argMax(asSequence(x), { axis: 2 })),
  "argMax that keeps its axes": () => ending((x) => argMax(asSequence(x), { keepDims: true })),
  "argMax, reshaped": () => ending((x) => reshape(argMax(x), [1, 1])),
  "argMax of an image, its axes moved": () =>
    ending((x) => {
      const index = argMax(reshape(x, [1, 1, 5, 1]), { axis: 2, keepDims: true });
      return transpose(index, [0, 3, 1, 2]);
    }),
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe.each(Object.entries(cases))("%s", (_, build) => {
  let graph: Graph;
  let int8: QuantizedGraph;
  let samples: readonly Int8Array[];
  beforeAll(async () => {
    graph = build();
    int8 = await quantizeGraph(graph, { calibration: randomSamples(graph, 32), runtime });
    samples = randomInputs(int8, 20);
  });

  test.skipIf(!hasProgram("gcc"))("as C: the self-test passes (gcc)", () => {
    const { files } = exportC(int8, { selfTest: samples });
    const main = '#include "student.h"\nint main(void) { return (int)student_selftest(); }\n';
    inFolder((folder) => {
      for (const [path, text] of [...files, ["main.c", main]] as const)
        writeFileSync(join(folder, path), text);
      const sources = ["main.c", "student.c", "student_selftest.c"];
      execFileSync("gcc", [...strictFlags, "-o", "run", ...sources], { cwd: folder });
      execFileSync(join(folder, "run"), { cwd: folder, stdio: "pipe" });
    });
    const sketch = exportC(int8, { arduino: true }).files.get("examples/run/run.ino")!;
    const type = /void student_invoke\(const int8_t \*input, (\w+) \*output\);/.exec(
      files.get("student.h")!,
    )![1]!;
    expect(sketch).toContain(`static ${type} output[STUDENT_OUTPUT_ELEMENTS];`);
  });

  test("as .tflite in LiteRT", async () => {
    const litert = await openLiteRt();
    const { expected } = parityBytes(int8, samples, "xnnpack");
    const outputs = litert!.run(exportTflite(int8), samples).flatMap((bytes) => [...bytes]);
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });

  test("as ONNX int8", async () => {
    if (int8.tensors[int8.output]!.dtype === "int8") {
      const steps = await stepsApart(runtime, int8, randomSamples(graph, 50));
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
      return;
    }
    const reals = Float32Array.from({ length: 50 * 6 }, (_, at) => Math.sin(at * at));
    const session = await runtime.load(exportOnnxInt8(int8));
    const { outputs } = await session.run({ samples: float32([50, 6], reals) });
    await session.dispose();
    const q = quantizeSamples(reals, int8.sample, int8.tensors[int8.input]!);
    const expected = Array.from({ length: 50 }, (_, at) =>
      runQuantized(int8, q.slice(at * 6, (at + 1) * 6), "onnxruntime"),
    );
    expect(Array.from(outputs.logits!.data, Number)).toEqual(expected.flatMap((y) => [...y]));
  });
});
