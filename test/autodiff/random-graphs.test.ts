/**
 * @file Gradients of random graphs against central differences, over every operator with a
 * derivative.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { gradients } from "../../src/autodiff/index.ts";
import { topologicalOrder, type Value } from "../../src/graph/index.ts";
import { definitionOf, type OpName, ops } from "../../src/ops/index.ts";
import { evaluateValues } from "../../src/runtime/reference.ts";
import { randomStream } from "../../src/tensor/index.ts";
import { choices, type Draw, type RandomGraph, randomGraph } from "../support/random-graph.ts";

/**
 * Operators with a derivative that are tested elsewhere, since they want particular shapes or hold
 * gradients back.
 */
const elsewhere: Partial<Record<OpName, string>> = {
  averagePool: "images",
  batchNormalization: "images",
  cast: "the identity between float dtypes",
  conv2d: "images",
  conv2dInputGrad: "images",
  conv2dWeightGrad: "images",
  fakeQuantize: "a staircase",
  gatherGrad: "the derivative of gather",
  globalAveragePool: "images",
  maxPool: "images",
  normalizeBatch: "images, and statistics of its own operand",
  stopGradient: "no gradient passes",
};

it("draws from every operator that has a derivative", () => {
  const differentiable = Object.keys(ops).filter(
    (name) => typeof definitionOf(name).vjp === "function",
  );
  expect([...Object.keys(choices), ...Object.keys(elsewhere)].sort()).toEqual(
    differentiable.sort(),
  );
});

/** The slope along a direction: central differences with two steps, and how far apart they are. */
function slope(graph: RandomGraph, wrt: readonly Value[], direction: readonly Float64Array[]) {
  const at = (step: number): number => {
    const moved = wrt.map((value, i) => {
      const { shape, data } = graph.feeds.get(value)!;
      return [value, { shape, data: data.map((x, j) => x + step * direction[i]![j]!) }] as const;
    });
    return evaluateValues([graph.loss], new Map([...graph.feeds, ...moved]))[0]!.data[0]!;
  };
  const quotient = (step: number): number => (at(step) - at(-step)) / (2 * step);
  const [coarse, fine] = [quotient(1e-4), quotient(5e-5)];
  // what the step's square contributes is three times as large in the coarse one
  return { value: fine + (fine - coarse) / 3, doubt: Math.abs(fine - coarse) };
}

const draw: fc.Arbitrary<Draw> = fc.record({
  op: fc.nat(1000),
  a: fc.nat(1000),
  b: fc.nat(1000),
  variant: fc.nat(5),
});

it("agrees with central differences on 500 graphs of at least 20 nodes", () => {
  let doubtful = 0;
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(draw, { minLength: 20, maxLength: 30 }), fc.nat(1e6), (draws, seed) => {
      const graph = randomGraph(draws, seed);
      const order = topologicalOrder([graph.loss]);
      for (const { op } of order) seen.add(op);
      const wrt = graph.inputs.filter((value) => order.includes(value));
      const derived = evaluateValues(gradients(graph.loss, wrt), graph.feeds);
      const { normal } = randomStream("direction", seed);
      const raw = derived.map(({ data }) => data.map(normal));
      const length = Math.hypot(...raw.flatMap((data) => [...data]));
      const direction = raw.map((data) => data.map((x) => x / length));
      const claimed = derived.reduce(
        (sum, { data }, i) => sum + data.reduce((dot, x, j) => dot + x * direction[i]![j]!, 0),
        0,
      );
      const norm = Math.hypot(...derived.flatMap(({ data }) => [...data]));
      const { value, doubt } = slope(graph, wrt, direction);
      if (doubt > 1e-5 * norm) doubtful++;
      // float64 differences of values near 10 with a step of 1e-4 are good to some 1e-10
      expect(Math.abs(claimed - value)).toBeLessThan(1e-6 * norm + doubt + 1e-8);
    }),
    { numRuns: 500, seed: 20, endOnFailure: false },
  );
  expect(doubtful).toBeLessThanOrEqual(5); // 1 %: the rest is checked to a millionth
  expect(Object.keys(choices).filter((name) => !seen.has(name))).toEqual([]);
});
