/**
 * @file maxPoolGrad with two threads: where windows overlap, several gradients are added to one
 *   element.
 */

import { expect, it } from "vitest";
import { input } from "../../src/engine/graph/index.ts";
import { maxPoolGrad } from "../../src/engine/ops/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { spaced, uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

it("loses no update where windows overlap, and repeats byte for byte", async () => {
  const x = input("x", "float32", [4, 8, 24, 24]);
  const dy = input("dy", "float32", [4, 8, 22, 22]);
  const dx = maxPoolGrad(x, dy, { kernel: 3, strides: 1 });
  const feeds = { x: spaced(x.shape, -1, 1), dy: uniform(dy.shape, -1, 1) };
  const [expected] = evaluateValues(
    [dx],
    new Map([
      [x, referenceTensor(feeds.x)],
      [dy, referenceTensor(feeds.dy)],
    ]),
  );
  const graph = { name: "pool", inputs: [x, dy], outputs: [{ name: "dx", value: dx }] };
  const run = async () => (await runGraph(graph, feeds, { threads: 2 })).dx!;
  const first = await run();
  // sums of up to nine float32 numbers below 1
  assertClose("dx", referenceTensor(first), expected!, { rtol: 1e-6, atol: 2e-6 });
  for (let repeat = 0; repeat < 20; repeat++) expect((await run()).data).toEqual(first.data);
});
