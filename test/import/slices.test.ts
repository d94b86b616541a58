import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { importOnnx } from "../../src/engine/import/index.ts";
import { writeOnnx } from "../../src/engine/onnx/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  elementCount,
  float32,
  randomStream,
  type Shape,
  type Tensor,
} from "../../src/engine/tensor/index.ts";

const end = 2n ** 63n - 1n;

interface Slicing {
  readonly starts: readonly bigint[];
  readonly ends: readonly bigint[];
  readonly axes?: readonly bigint[];
  readonly steps?: readonly bigint[];
}

const integers = (values: readonly bigint[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values),
});

/** @returns a model of Slice nodes, each of the one before it, over samples of this shape */
function model(shape: Shape, slicings: readonly Slicing[]) {
  const parts = ["starts", "ends", "axes", "steps"] as const;
  const nodes = slicings.map((slicing, at) => ({
    ...{ type: "Slice", domain: "", outputs: [`y${at + 1}`], attrs: {} },
    inputs: [`y${at}`, ...parts.map((part) => (slicing[part] ? `${part}${at}` : ""))],
  }));
  const last = { type: "Identity", domain: "", outputs: ["logits"], attrs: {} };
  const result = `y${slicings.length}`;
  return writeOnnx({
    opset: 17,
    metadata: {},
    graph: {
      name: "slices",
      nodes: [...nodes, { ...last, inputs: [result] }],
      inputs: [{ name: "y0", dtype: "float32", shape: ["n", ...shape] }],
      outputs: [{ name: "logits", dtype: "float32", shape: undefined }],
      initializers: slicings.flatMap((slicing, at) =>
        parts.flatMap((part) =>
          slicing[part] ? [{ name: `${part}${at}`, value: integers(slicing[part]) }] : [],
        ),
      ),
    },
  });
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

async function outputOf(bytes: Uint8Array, samples: Tensor): Promise<Tensor> {
  const session = await runtime.load(bytes);
  const { outputs } = await session.run({ y0: samples });
  await session.dispose();
  return outputs.logits!;
}

const cases: Readonly<Record<string, readonly Slicing[]>> = {
  "positions from the middle": [{ starts: [2n], ends: [5n], axes: [1n] }],
  "all but the first position": [{ starts: [1n], ends: [end], axes: [1n] }],
  "the last position": [{ starts: [-1n], ends: [end], axes: [1n] }],
  "the last position but one, by negative ends": [{ starts: [-2n], ends: [-1n], axes: [-2n] }],
  "every other position": [{ starts: [0n], ends: [end], axes: [1n], steps: [2n] }],
  "every third position from the second": [{ starts: [1n], ends: [7n], axes: [1n], steps: [3n] }],
  "some features": [{ starts: [1n], ends: [4n], axes: [2n] }],
  "features, counted from the end": [{ starts: [-3n], ends: [-1n], axes: [-1n] }],
  "positions and features": [{ starts: [1n, 2n], ends: [6n, 5n], axes: [1n, 2n], steps: [2n, 1n] }],
  "axes in another order": [{ starts: [2n, 1n], ends: [5n, 6n], axes: [2n, 1n] }],
  "without axes: the batch and positions": [{ starts: [0n, 3n], ends: [end, end] }],
  "all three axes, the batch whole": [
    { starts: [0n, 1n, 0n], ends: [end, 4n, end], axes: [0n, 1n, 2n], steps: [1n, 1n, 1n] },
  ],
  "the batch whole, by steps of one": [
    { starts: [0n, -4n], ends: [2n ** 31n - 1n, end], axes: [-3n, -2n], steps: [1n, 2n] },
  ],
  "nothing cut": [{ starts: [0n, -7n, 0n], ends: [end, end, 5n] }],
  "bounds beyond both ends": [{ starts: [-100n], ends: [100n], axes: [1n] }],
  "one after another": [
    { starts: [1n], ends: [end], axes: [1n] },
    { starts: [0n], ends: [-2n], axes: [1n] },
    { starts: [1n], ends: [end], axes: [2n] },
  ],
};

describe("slices of sequences compute what ONNX Runtime computes of the file", () => {
  test.each(Object.entries(cases))("%s", async (_, slicings) => {
    const bytes = model([7, 5], slicings);
    const imported = compileGraph(importOnnx(bytes, "slices.onnx"), { batchAxis: "batch" });
    const stream = randomStream(1, "samples");
    for (const batch of [1, 3]) {
      const shape = [batch, 7, 5];
      const samples = float32(
        shape,
        Float32Array.from({ length: elementCount(shape) }, () => stream.normal()),
      );
      const [expected, got] = await Promise.all(
        [bytes, imported].map((each) => outputOf(each, samples)),
      );
      expect(expected!.data.length).toBeGreaterThan(0);
      expect(got).toEqual(expected);
    }
  });
});
