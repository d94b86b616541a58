/** @file dropout: its mask, its scale, its derivative, and what it refuses. */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { dropout, mul, reduceSum } from "../../src/engine/ops/index.ts";
import { float32, scalar, type Tensor } from "../../src/engine/tensor/index.ts";
import { runGraph } from "../support/run-graph.ts";

const count = 10_000;
const x = input("x", "float32", [100, 100]);
const seed = input("seed", "uint32", []);

function graphOf(values: Readonly<Record<string, Value>>): Graph {
  const outputs = Object.entries(values).map(([name, value]) => ({ name, value }));
  return { name: "dropout", inputs: [x, seed], outputs };
}

function feeds(seedValue: number): Record<string, Tensor> {
  const numbers = Float32Array.from({ length: count }, (_, i) => 1 + i / count);
  return { x: float32([100, 100], numbers), seed: scalar("uint32", seedValue) };
}

async function dropped(seedValue: number, stream: number, rate = 0.3): Promise<number[]> {
  const y = dropout(x, { rate, seed, stream });
  const { result } = await runGraph(graphOf({ result: y }), feeds(seedValue));
  return Array.from(result!.data as Float32Array, (value, i) => (value === 0 ? i : -1)).filter(
    (i) => i >= 0,
  );
}

describe("dropout", () => {
  it("drops the given share of the elements and scales the others to keep the mean", async () => {
    const y = dropout(x, { rate: 0.3, seed, stream: 5 });
    const fed = feeds(123);
    const { result } = await runGraph(graphOf({ result: y }), fed);
    const before = fed.x!.data as Float32Array;
    const after = result!.data as Float32Array;
    const zeros = after.filter((value) => value === 0).length;
    // Binomial: 3,000 expected, deviation √(10,000 · 0.3 · 0.7) = 46; four deviations
    expect(Math.abs(zeros - 3000)).toBeLessThan(184);
    for (const [i, value] of after.entries())
      if (value !== 0) expect(value / before[i]!).toBeCloseTo(1 / 0.7, 5);
  });

  it("has a derivative with the same mask and scale", async () => {
    const y = dropout(x, { rate: 0.3, seed, stream: 5 });
    const [dx] = gradients(reduceSum(mul(y, x)), [x]); // d Σ x² m / (1 − rate) = 2 y
    const produced = await runGraph(graphOf({ y, dx: dx! }), feeds(9));
    const [value, gradient] = [produced.y!.data, produced.dx!.data] as Float32Array[];
    for (const [i, one] of value!.entries()) expect(gradient![i]).toBeCloseTo(2 * one, 5);
  });

  it("repeats for a seed and stream, and differs for others", async () => {
    const first = await dropped(1, 0);
    expect(await dropped(1, 0)).toEqual(first);
    for (const other of [await dropped(2, 0), await dropped(1, 1)]) {
      const both = new Set(first);
      const shared = other.filter((i) => both.has(i)).length;
      // independent masks share 0.3² of the elements: 900, deviation 29; five deviations
      expect(Math.abs(shared - 900)).toBeLessThan(145);
    }
  });

  it("gives x itself at rate 0", () => {
    expect(dropout(x, { rate: 0, seed, stream: 0 })).toBe(x);
  });

  it.each([-0.1, 1, Number.NaN])("refuses rate %d", (rate) => {
    expect(() => dropout(x, { rate, seed, stream: 0 })).toThrow(
      `dropout: rate must be in [0, 1), got ${rate}. 0.5 is usual for hidden layers, 0.2 for inputs, 0 turns it off.`,
    );
  });
});
