/** @file Starting values: a function of seed and name, of the stated spread. */

import { describe, expect, it } from "vitest";
import { buildNetwork, initialParameters } from "../../src/engine/nn/index.ts";

function start(seed: number, hidden: readonly number[] = [300, 200]) {
  const { parameters } = buildNetwork({ family: "mlp", hidden }, [100], 10);
  return initialParameters(parameters, seed);
}

describe("initialParameters", () => {
  it("depends on the seed and on nothing else", () => {
    expect(start(1)).toEqual(start(1));
    expect(start(2).get("hidden1/kernel")).not.toEqual(start(1).get("hidden1/kernel"));
  });

  it("starts a layer alike in networks that share it by name and shape", () => {
    const [deep, shallow] = [start(1), start(1, [300])];
    expect(shallow.get("hidden1/kernel")).toEqual(deep.get("hidden1/kernel"));
  });

  it("draws kernels from N(0, 2 / fan-in)", () => {
    for (const [name, fanIn] of [
      ["hidden1/kernel", 100],
      ["hidden2/kernel", 300],
    ] as const) {
      const { data } = start(5).get(name)!;
      const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
      const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length;
      const expected = 2 / fanIn;
      // five standard errors: of a mean, and of a normal sample's variance
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / data.length));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
      const beyond = data.filter((x) => Math.abs(x) > 2 * Math.sqrt(expected)).length / data.length;
      expect(beyond).toBeGreaterThan(0.035); // 4.55 % of a normal distribution
      expect(beyond).toBeLessThan(0.056);
    }
  });

  it("gives layers and seeds numbers that have nothing in common", () => {
    const one = start(1).get("hidden1/kernel")!.data;
    for (const other of [start(2).get("hidden1/kernel")!, start(1).get("hidden2/kernel")!]) {
      const size = Math.min(one.length, other.data.length);
      let [dot, a, b] = [0, 0, 0];
      for (let i = 0; i < size; i++) {
        dot += one[i]! * other.data[i]!;
        a += one[i]! ** 2;
        b += other.data[i]! ** 2;
      }
      expect(Math.abs(dot / Math.sqrt(a * b))).toBeLessThan(5 / Math.sqrt(size));
    }
  });

  it("starts biases at 0 and normalisation at the identity", () => {
    const { parameters } = buildNetwork(
      { family: "cnn", channels: [3], batchNorm: true },
      [1, 4, 4],
      2,
    );
    const values = initialParameters(parameters, 1);
    const of = (name: string): number[] => [...values.get(name)!.data];
    expect(of("output/bias")).toEqual([0, 0]);
    expect(of("norm1/scale")).toEqual([1, 1, 1]);
    expect(of("norm1/offset")).toEqual([0, 0, 0]);
    expect(of("norm1/mean")).toEqual([0, 0, 0]);
    expect(of("norm1/variance")).toEqual([1, 1, 1]);
  });
});
