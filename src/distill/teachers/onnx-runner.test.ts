/** @file A question of many runs: how many travel together, and that each sample gets its rows. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { compileGraph } from "../../engine/compile/index.ts";
import { input } from "../../engine/graph/index.ts";
import { mul } from "../../engine/ops/index.ts";
import type { Runtime, Session } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { float32 } from "../../engine/tensor/index.ts";
import type { OnnxInput } from "./onnx-input.ts";
import { onnxRunner } from "./onnx-runner.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const x = input("x", "float32", [4, 2]);
const doubled = { name: "m", inputs: [x], outputs: [{ name: "y", value: mul(x, 2) }] };

test.each([
  { together: 1, asked: [1, 1, 1, 1, 1] },
  { together: 2, asked: [2, 2, 1] },
  { together: 9, asked: [5] },
])("18 samples in runs of 4, $together together", async ({ together, asked }) => {
  const session = await runtime.load(compileGraph(doubled));
  const messages: number[] = [];
  const runEach: Session["runEach"] = (feeds) => {
    messages.push(feeds.length);
    return session.runEach(feeds);
  };
  const ask = onnxRunner(
    { ...session, runEach },
    {
      input: { name: "x", feed: (data) => float32([4, 2], [...data]) } as OnnxInput,
      tensor: "y",
      facts: { file: "m.onnx", output: "y", kind: "logits", classCount: 2 },
      batchSize: 4,
      sampleSize: 2,
      together,
    },
  );
  const samples = Float32Array.from({ length: 36 }, (_, at) => at);
  const rows = await ask(samples);
  await session.dispose();
  expect(rows).toEqual({ values: samples.map((value) => 2 * value), classes: 2 });
  expect(messages).toEqual(asked);
});
