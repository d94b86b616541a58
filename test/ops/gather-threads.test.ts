/**
 * @file The gradient of gather with many repeated indices, with one and with two threads: no update
 * may get lost.
 */

import { expect, it } from "vitest";
import { input } from "../../src/engine/graph/index.ts";
import { gatherGrad } from "../../src/engine/ops/index.ts";
import { float32, randomStream, tensor } from "../../src/engine/tensor/index.ts";
import { runGraph } from "../support/run-graph.ts";

const [rows, width, count] = [8, 64, 4096];
const cotangent = input("cotangent", "float32", [count, width]);
const indices = input("indices", "int64", [count]);
const { integer } = randomStream("gather.test");
const chosen = Array.from({ length: count }, () => integer(rows));
const feeds = {
  // ones: the sums are counts, exact in float32 in any order
  cotangent: float32([count, width], new Float32Array(count * width).fill(1)),
  indices: tensor("int64", [count], BigInt64Array.from(chosen, BigInt)),
};
const expected = Float32Array.from({ length: rows * width }, (_, place) => {
  const row = Math.floor(place / width);
  return chosen.filter((index) => index === row).length;
});
const graph = {
  name: "gatherGrad",
  inputs: [cotangent, indices],
  outputs: [{ name: "sums", value: gatherGrad(cotangent, indices, { axis: 0, size: rows }) }],
};

it.each([
  ["scatterElements", 1],
  ["scatterElements", 2],
  ["oneHot", 2],
])("%s counts every index with %i threads, 20 times", async (form, threads) => {
  for (let run = 0; run < 20; run++) {
    const { sums } = await runGraph(graph, feeds, { forms: { gatherGrad: form }, threads });
    expect(sums!.data).toEqual(expected);
  }
});
