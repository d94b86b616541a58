import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelLogits } from "../../../src/distill/index.ts";
import { accuracy } from "../../../src/evaluate/index.ts";
import { exportC } from "../../../src/export/index.ts";
import type { NetworkSpec } from "../../../src/nn/index.ts";
import {
  calibrationMethods,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
} from "../../../src/quantize/index.ts";
import type { Runtime } from "../../../src/runtime/index.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import { hasProgram, runOnHost } from "../../support/c-programs.ts";
import { parityBytes } from "../../support/integer-parity.ts";
import { type TrainedDigits, trainDigits } from "../../support/trained-digits.ts";

const specs: Readonly<Record<string, NetworkSpec>> = {
  mlp: { family: "mlp", hidden: [48, 24] },
  cnn: { family: "cnn", channels: [6, 10], batchNorm: true, hidden: [20] },
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe.each(Object.entries(specs))("a trained %s", (_, spec) => {
  let trained: TrainedDigits;
  let floatAccuracy: number;
  beforeAll(async () => {
    trained = await trainDigits(spec, runtime);
    const { model, test: data } = trained;
    floatAccuracy = accuracy(await modelLogits(runtime, model, data), data.labels);
  });

  test.each(calibrationMethods)(
    "keeps its accuracy in int8 (%s), and in C every byte",
    async (method) => {
      const { graph, train, test: data } = trained;
      const quantized = await quantizeGraph(graph, { calibration: train, runtime, method });
      const samples: Int8Array[] = [];
      const logits: number[] = [];
      for (let at = 0; at < data.length; at++) {
        const raw = new Uint8Array(196);
        await data.gather(Int32Array.of(at), raw);
        const q = quantizeSamples(raw, quantized.sample, quantized.tensors[quantized.input]!);
        samples.push(q);
        logits.push(...runQuantized(quantized, q));
      }
      expect(floatAccuracy).toBeGreaterThan(0.85);
      // a point of 500 samples is five; int8 may win or lose a few near ties
      expect(accuracy(Float32Array.from(logits), data.labels)).toBeGreaterThan(
        floatAccuracy - 0.016,
      );
      if (!hasProgram("gcc")) return;
      const { inputs, expected } = parityBytes(quantized, samples);
      const { files } = exportC(quantized, { selfTest: samples.slice(0, 3) });
      const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
    },
  );
});
