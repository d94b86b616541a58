import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLiteRt } from "../../../src/app/cli/litert.ts";
import { exportTflite, inMemoryOrder } from "../../../src/device/export/index.ts";
import { imageOf, quantizeGraph, quantizeSamples } from "../../../src/device/quantize/index.ts";
import { accuracy } from "../../../src/distill/metrics/index.ts";
import type { NetworkSpec } from "../../../src/engine/nn/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { parityBytes } from "../../support/integer-parity.ts";
import { trainDigits } from "../../support/trained-digits.ts";

const specs: Readonly<Record<string, NetworkSpec>> = {
  mlp: { family: "mlp", hidden: [37, 24] },
  cnn: { family: "cnn", channels: [5, 9], batchNorm: true, hidden: [19] },
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe.each(Object.entries(specs))("a trained %s in LiteRT", (_, spec) => {
  test("gives the reference's bytes on 500 digits, and classifies them", async () => {
    const { graph, train, test: data } = await trainDigits(spec, runtime);
    const litert = await openLiteRt();
    for (const perChannelDense of [false, true]) {
      const options = { calibration: train, runtime, perChannelDense };
      const quantized = await quantizeGraph(graph, options);
      const input = quantized.tensors[quantized.input]!;
      const samples: Int8Array[] = [];
      for (let at = 0; at < data.length; at++) {
        const raw = new Uint8Array(196);
        await data.gather(Int32Array.of(at), raw);
        samples.push(quantizeSamples(raw, quantized.sample, input));
      }
      const order = imageOf(input.shape);
      const inputs = samples.map((sample) => Int8Array.from(inMemoryOrder(sample, order)));
      const outputs = litert!.run(exportTflite(quantized), inputs).flatMap((bytes) => [...bytes]);
      const { expected } = parityBytes(quantized, samples, "xnnpack");
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
      const logits = Float32Array.from(Int8Array.from(outputs));
      expect(accuracy(logits, data.labels)).toBeGreaterThan(0.83);
    }
  });
});
