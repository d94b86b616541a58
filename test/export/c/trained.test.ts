import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dataset, subset } from "../../../src/data/index.ts";
import { exportC } from "../../../src/device/export/index.ts";
import {
  type CalibrationMethod,
  calibrationMethods,
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
} from "../../../src/device/quantize/index.ts";
import { modelLogits } from "../../../src/distill/index.ts";
import { accuracy } from "../../../src/distill/metrics/index.ts";
import type { NetworkSpec } from "../../../src/engine/nn/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { float32 } from "../../../src/engine/tensor/index.ts";
import { hasProgram, runOnHost } from "../../support/c-programs.ts";
import { testOnEmulatedCores } from "../../support/emulated-parity.ts";
import { parityBytes } from "../../support/integer-parity.ts";
import { stepsApart } from "../../support/onnx-int8-steps.ts";
import { trainAutoencoder } from "../../support/trained-autoencoder.ts";
import { graphOfModel, type TrainedDigits, trainDigits } from "../../support/trained-digits.ts";

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

/** of odd sizes, which the kernels' inner loops like least */
const families: Readonly<Record<string, Trained>> = {
  mlp: { network: { family: "mlp", hidden: [47, 23] }, epochs: 8, accuracy: 0.85, ...settled },
  cnn: {
    network: { family: "cnn", channels: [7, 9], batchNorm: true, hidden: [21] },
    epochs: 8,
    accuracy: 0.85,
    ...settled,
  },
  resnet8: { network: { family: "resnet8", width: 5 }, epochs: 3, accuracy: 0.4, ...early },
  dsCnn: {
    network: { family: "dsCnn", channels: 13, blocks: 2 },
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
  let int8: QuantizedGraph;
  let unseen: readonly Int8Array[];
  beforeAll(async () => {
    const all = await trainDigits(family.network, runtime, family.epochs);
    const length = Math.min(family.samples, all.test.length);
    const some = Int32Array.from({ length }, (_, at) => at);
    trained = { ...all, test: subset(all.test, some, "test digits") };
    const { model, test: data } = trained;
    floatAccuracy = accuracy(await modelLogits(runtime, model, data), data.labels);
    int8 = await quantizeGraph(trained.graph, { calibration: trained.train, runtime });
    unseen = (await integerSamples(int8, trained.test)).slice(0, 200);
  });

  test.each(family.methods)(
    "keeps its accuracy in int8 (%s), and in C every byte",
    async (method) => {
      const { graph, train, test: data } = trained;
      const quantized = await quantizeGraph(graph, { calibration: train, runtime, method });
      const { samples, outputs } = await integerRuns(quantized, data);
      expect(floatAccuracy).toBeGreaterThan(family.accuracy);
      expect(
        accuracy(Float32Array.from(outputs.flatMap((each) => [...each])), data.labels),
      ).toBeGreaterThan(floatAccuracy - family.loss);
      assertSameC(quantized, samples);
    },
  );

  test("is within one step in ONNX Runtime", async () => {
    const steps = await stepsApart(runtime, int8, trained.test);
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  });

  testOnEmulatedCores(() => ({ graph: int8, samples: unseen }));
});

/** @returns the samples of a data set as integers */
async function integerSamples(quantized: QuantizedGraph, data: Dataset): Promise<Int8Array[]> {
  const samples: Int8Array[] = [];
  for (let at = 0; at < data.length; at++) {
    const raw = new Uint8Array(196);
    await data.gather(Int32Array.of(at), raw);
    samples.push(quantizeSamples(raw, quantized.sample, quantized.tensors[quantized.input]!));
  }
  return samples;
}

/** @returns those samples, and what the reference gives for each */
async function integerRuns(quantized: QuantizedGraph, data: Dataset) {
  const samples = await integerSamples(quantized, data);
  return { samples, outputs: samples.map((sample) => runQuantized(quantized, sample)) };
}

/** Compiles under the sanitizers, and compares every byte of every sample. */
function assertSameC(quantized: QuantizedGraph, samples: readonly Int8Array[]): void {
  if (!hasProgram("gcc")) return;
  const { inputs, expected } = parityBytes(quantized, samples);
  const { files } = exportC(quantized, { selfTest: samples.slice(0, 3) });
  const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
  expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
}

describe("a trained autoencoder", () => {
  let trained: TrainedDigits;
  let int8: QuantizedGraph;
  let runs: Awaited<ReturnType<typeof integerRuns>>;
  beforeAll(async () => {
    trained = await trainAutoencoder(runtime);
    int8 = await quantizeGraph(trained.graph, { calibration: trained.train, runtime });
    runs = await integerRuns(int8, trained.test);
  });

  test("reconstructs in int8 nearly as in float, and in C every byte", async () => {
    const { model, test: data } = trained;
    const { scale, zeroPoint } = int8.tensors[int8.output]!;
    const raw = new Uint8Array(data.length * 196);
    await data.gather(
      Int32Array.from({ length: data.length }, (_, at) => at),
      raw,
    );
    const error = (value: (at: number) => number): number =>
      raw.reduce((sum, pixel, at) => sum + (value(at) - pixel / 255) ** 2, 0) / raw.length;
    const float = await modelLogits(runtime, model, data);
    const q = runs.outputs.flatMap((each) => [...each]);
    const mean = raw.reduce((sum, pixel) => sum + pixel / 255, 0) / raw.length;
    const floatError = error((at) => float[at]!);
    expect(floatError).toBeLessThan(0.6 * error(() => mean));
    // 9 units of 8 bits in the middle, and limits of a scale for all pixels
    expect(error((at) => scale * (q[at]! - zeroPoint))).toBeLessThan(1.1 * floatError);
    assertSameC(int8, runs.samples);
  });

  test("is within one step in ONNX Runtime", async () => {
    const steps = await stepsApart(runtime, int8, trained.test);
    expect(steps.reduce((most, step) => Math.max(most, step), 0)).toBeLessThanOrEqual(1);
  });

  testOnEmulatedCores(() => ({ graph: int8, samples: runs.samples.slice(0, 200) }));
});

// relu(s x) = s relu(x): the factors cancel, and the network stays the same
describe.each([
  ["large, then small", 1e4, 1e-6],
  ["small, then large", 1e-5, 1e7],
])("a trained network whose layers' scales lie far apart: %s", (_, first, last) => {
  let int8: QuantizedGraph;
  let data: Dataset;
  let runs: Awaited<ReturnType<typeof integerRuns>>;
  beforeAll(async () => {
    const trained = await trainDigits({ family: "mlp", hidden: [31] }, runtime, 3);
    const factors: Readonly<Record<string, number>> = {
      "hidden1/kernel": first,
      "hidden1/bias": first,
      "output/kernel": last,
      "output/bias": first * last,
    };
    const weights = new Map(
      [...trained.model.weights].map(([name, { shape, data }]) => [
        name,
        float32(
          shape,
          Float32Array.from(data as Float32Array, (w) => w * factors[name]!), // float32, all of them
        ),
      ]),
    );
    const graph = graphOfModel({ ...trained.model, weights });
    int8 = await quantizeGraph(graph, { calibration: trained.train, runtime });
    data = trained.test;
    runs = await integerRuns(int8, data);
  });

  test("keeps its accuracy, and in C every byte", () => {
    const logits = Float32Array.from(runs.outputs.flatMap((each) => [...each]));
    expect(accuracy(logits, data.labels)).toBeGreaterThan(0.75);
    assertSameC(int8, runs.samples);
  });

  testOnEmulatedCores(() => ({ graph: int8, samples: runs.samples.slice(0, 200) }));
});
