import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Model, networkOf } from "../../src/distill/index.ts";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { importOnnx } from "../../src/engine/import/index.ts";
import { initialParameters, type NetworkSpec } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  allocate,
  elementCount,
  type RandomStream,
  randomStream,
  type Shape,
  type Tensor,
} from "../../src/engine/tensor/index.ts";
import { inferenceGraph } from "../../src/engine/train/index.ts";

interface Case {
  readonly spec: NetworkSpec;
  readonly shape: Shape;
  readonly dtype?: "uint8" | "float32";
}

/** Every family, in forms that use all of its options. */
const cases: Readonly<Record<string, Case>> = {
  mlp: { spec: { family: "mlp", hidden: [9, 7] }, shape: [1, 5, 4], dtype: "uint8" },
  cnn: {
    spec: {
      family: "cnn",
      channels: [5, 6],
      batchNorm: true,
      hidden: [8],
      activation: "hardSwish",
    },
    shape: [2, 9, 8],
    dtype: "uint8",
  },
  resnet8: { spec: { family: "resnet8", width: 5 }, shape: [3, 16, 16], dtype: "uint8" },
  dsCnn: { spec: { family: "dsCnn", channels: 9, blocks: 2 }, shape: [1, 21, 10] },
  mobileNetV1: {
    spec: { family: "mobileNetV1", width: 0.125 },
    shape: [3, 32, 32],
    dtype: "uint8",
  },
  gru: { spec: { family: "gru", units: [6, 5], pooling: "mean" }, shape: [8, 3] },
  tcn: { spec: { family: "tcn", channels: [6, 7] }, shape: [12, 3] },
  tinyTransformer: {
    spec: { family: "tinyTransformer", vocabulary: 7, width: 8, heads: 2, layers: 1 },
    shape: [6],
  },
  autoencoder: { spec: { family: "autoencoder", hidden: [9], bottleneck: 3 }, shape: [12] },
};

/** token ids, pixels or features */
function drawn(spec: NetworkSpec, dtype: string, { integer, normal }: RandomStream): number {
  if (spec.family === "tinyTransformer") return integer(spec.vocabulary);
  return dtype === "uint8" ? integer(256) : normal();
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe("a student written as ONNX and read again computes the same", () => {
  test.each(Object.entries(cases))("%s", async (_, { spec, shape, dtype = "float32" }) => {
    const about: Omit<Model, "weights"> = {
      spec,
      sample: { dtype, shape },
      classNames: ["a", "b", "c"],
      preprocessing:
        spec.family === "tinyTransformer"
          ? { scale: 1, offset: 0 }
          : { scale: dtype === "uint8" ? 1 / 255 : 2, offset: -0.5 },
    };
    const network = networkOf(about);
    const weights = initialParameters(network.parameters, 3);
    const graph = inferenceGraph({ ...about, network, batchSize: 1, weights });
    const bytes = compileGraph(graph, { batchAxis: "batch" });
    const imported = importOnnx(bytes, "student.onnx");
    expect(imported.inputs.map(({ name, dtype: d, shape: s }) => [name, d, s])).toEqual([
      ["samples", dtype, [1, ...shape]],
    ]);
    const stream = randomStream(5, "samples");
    const count = 4;
    const data = allocate(dtype, count * elementCount(shape));
    for (let at = 0; at < data.length; at++) data[at] = drawn(spec, dtype, stream);
    const samples = { dtype, shape: [count, ...shape], data } as Tensor; // dtype and array go together
    const [first, second] = await Promise.all(
      [bytes, compileGraph(imported, { batchAxis: "batch" })].map(async (model) => {
        const session = await runtime.load(model);
        const { outputs } = await session.run({ samples });
        return outputs.logits!;
      }),
    );
    // the same operators on the same weights: not one bit may differ
    expect(second!.shape).toEqual(first!.shape);
    expect(Buffer.from(second!.data.buffer).equals(Buffer.from(first!.data.buffer))).toBe(true);
  });
});
