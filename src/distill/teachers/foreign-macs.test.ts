import { expect, test } from "vitest";
import { compileGraph } from "../../engine/compile/index.ts";
import {
  buildNetwork,
  initialParameters,
  macCount,
  type NetworkSpec,
} from "../../engine/nn/index.ts";
import { readOnnx } from "../../engine/onnx/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { zeros } from "../../engine/tensor/index.ts";
import { inferenceGraph } from "../../engine/train/index.ts";
import { foreignMacs } from "./foreign-macs.ts";

const specs: readonly NetworkSpec[] = [
  { family: "mlp", hidden: [7, 5] },
  { family: "cnn", channels: [3, 4], hidden: [6] },
  { family: "dsCnn", channels: 4, blocks: 1, kernel: [3, 3] },
];

test.each(specs)("counts what the layers of $family count", async (spec) => {
  const sample = { dtype: "float32", shape: [1, 8, 8] } as const;
  const network = buildNetwork(spec, sample.shape, 3);
  const weights = initialParameters(network.parameters, 1);
  const preprocessing = { scale: 1, offset: 0 };
  const batchSize = 4;
  const model = compileGraph(
    inferenceGraph({ network, sample, preprocessing, weights, batchSize }),
  );
  const { graph } = readOnnx(model, "model");
  const feeds = { samples: zeros("float32", [batchSize, ...sample.shape]) };
  const runtime = await nodeRuntime({ worker: false });
  const macs = await foreignMacs(runtime, { model, file: "model", graph, feeds, batchSize });
  expect(macs).toBe(macCount(network));
});

test("a model with products of another kind gets no number", async () => {
  const node = { type: "LSTM", domain: "", inputs: ["x"], outputs: ["y"], attrs: {} };
  const graph = { name: "g", nodes: [node], inputs: [], outputs: [], initializers: [] };
  const runtime = await nodeRuntime({ worker: false });
  const model = new Uint8Array();
  expect(await foreignMacs(runtime, { model, file: "m", graph, feeds: {}, batchSize: 1 })).toBe(
    null,
  );
});
