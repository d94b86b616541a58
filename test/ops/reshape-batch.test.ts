/**
 * @file reshape in a model whose batch axis is free: the leading size is copied, not written down.
 */

import { expect, it } from "vitest";
import { input } from "../../src/engine/graph/index.ts";
import { reshape } from "../../src/engine/ops/index.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { runGraph } from "../support/run-graph.ts";

const x = input("x", "float32", [1, 2, 3]);
const graph = { name: "flatten", inputs: [x], outputs: [{ name: "y", value: reshape(x, [1, 6]) }] };

it("flattens a batch of two in a graph that was built for one", async () => {
  const values = Array.from({ length: 12 }, (_, i) => i);
  const { y } = await runGraph(graph, { x: float32([2, 2, 3], values) }, { batchAxis: "batch" });
  expect(y!.shape).toEqual([2, 6]);
  expect([...(y!.data as Float32Array)]).toEqual(values);
});

it("merges the batch with the axis after it, and parts them again, in a graph built for one", async () => {
  const merged = reshape(x, [2, 3]);
  const outputs = [
    { name: "merged", value: merged },
    { name: "parted", value: reshape(merged, [1, 2, 3]) },
  ];
  const values = Array.from({ length: 12 }, (_, i) => i);
  const result = await runGraph(
    { name: "merge", inputs: [x], outputs },
    { x: float32([2, 2, 3], values) },
    { batchAxis: "batch" },
  );
  expect(result.merged!.shape).toEqual([4, 3]);
  expect(result.parted!.shape).toEqual([2, 2, 3]);
});
