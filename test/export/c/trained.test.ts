import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subset } from "../../../src/data/index.ts";
import { modelLogits } from "../../../src/distill/index.ts";
import { accuracy } from "../../../src/evaluate/index.ts";
import { exportC } from "../../../src/export/index.ts";
import type { NetworkSpec } from "../../../src/nn/index.ts";
import {
  type CalibrationMethod,
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

interface Trained {
  readonly network: NetworkSpec;
  readonly epochs: number;
  /** float accuracy that so short a training surely reaches */
  readonly accuracy: number;
  /** the most that int8 may lose: a network that has hardly learnt decides many near ties */
  readonly loss: number;
  readonly methods: readonly CalibrationMethod[];
  /** test digits that are run */
  readonly samples: number;
}

const settled = { loss: 0.016, methods: calibrationMethods, samples: 500 };
const early = { loss: 0.06, methods: ["minMax"], samples: 200 } as const;

const families: Readonly<Record<string, Trained>> = {
  mlp: { network: { family: "mlp", hidden: [48, 24] }, epochs: 8, accuracy: 0.85, ...settled },
  cnn: {
    network: { family: "cnn", channels: [6, 10], batchNorm: true, hidden: [20] },
    epochs: 8,
    accuracy: 0.85,
    ...settled,
  },
  resnet8: { network: { family: "resnet8", width: 4 }, epochs: 3, accuracy: 0.4, ...early },
  dsCnn: {
    network: { family: "dsCnn", channels: 12, blocks: 2 },
    epochs: 4,
    accuracy: 0.3,
    ...early,
  },
  // its five halvings leave one pixel of these digits: trained, but hardly
  mobileNetV1: {
    network: { family: "mobileNetV1", width: 0.125 },
    epochs: 3,
    accuracy: 0.05,
    ...early,
  },
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe.each(Object.entries(families))("a trained %s", (_, family) => {
  let trained: TrainedDigits;
  let floatAccuracy: number;
  beforeAll(async () => {
    const all = await trainDigits(family.network, runtime, family.epochs);
    const length = Math.min(family.samples, all.test.length);
    const some = Int32Array.from({ length }, (_, at) => at);
    trained = { ...all, test: subset(all.test, some, "test digits") };
    const { model, test: data } = trained;
    floatAccuracy = accuracy(await modelLogits(runtime, model, data), data.labels);
  });

  test.each(family.methods)(
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
      expect(floatAccuracy).toBeGreaterThan(family.accuracy);
      expect(accuracy(Float32Array.from(logits), data.labels)).toBeGreaterThan(
        floatAccuracy - family.loss,
      );
      if (!hasProgram("gcc")) return;
      const { inputs, expected } = parityBytes(quantized, samples);
      const { files } = exportC(quantized, { selfTest: samples.slice(0, 3) });
      const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
    },
  );
});
