/**
 * @file Gradients of random graphs against central differences, over every operator with a
 * derivative.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import { definitionOf, ops } from "../../src/engine/ops/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { evaluateValues } from "../reference/evaluate.ts";
import { type Draw, type RandomGraph, randomGraph } from "../support/random-graph.ts";
import { choices } from "../support/random-graph-choices.ts";

it("draws from every operator that has a derivative, and no other", () => {
  const differentiable = Object.keys(ops).filter(
    (name) => typeof definitionOf(name).vjp === "function",
  );
  expect(Object.keys(choices).sort()).toEqual(differentiable.sort());
});

/** The slope along a direction: central differences with two steps, and how far apart they are. */
function slope(graph: RandomGraph, wrt: readonly Value[], direction: readonly Float64Array[]) {
  const at = (step: number): number => {
    const moved = wrt.map((value, i) => {
      const { shape, data } = graph.feeds.get(value)!;
      return [value, { shape, data: data.map((x, j) => x + step * direction[i]![j]!) }] as const;
    });
    const { loss, feeds } = graph.seen;
    return evaluateValues([loss], new Map([...feeds, ...moved]))[0]!.data[0]!;
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
  let fannedOut = 0;
  const seen = new Map<string, number>(Object.keys(choices).map((name) => [name, 0]));
  fc.assert(
    fc.property(fc.array(draw, { minLength: 20, maxLength: 30 }), fc.nat(1e6), (draws, seed) => {
      const graph = randomGraph(draws, seed);
      const order = topologicalOrder([graph.loss]);
      for (const op of new Set(order.map((value) => value.op)))
        seen.set(op, (seen.get(op) ?? 0) + 1);
      expect(order.filter(({ op }) => op !== "input" && op !== "constant").length).toBeGreaterThan(
        19,
      );
      const uses = order.flatMap(({ inputs }) => [...new Set(inputs)]);
      if (new Set(uses).size < uses.length) fannedOut++;
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
  expect(fannedOut).toBe(500);
  const rare = Object.keys(choices).filter((name) => seen.get(name)! < 20); // starts at 0 for each
  expect(rare).toEqual([]);
}, 300_000); // ten times what a quiet machine takes: a busy one is no failure
