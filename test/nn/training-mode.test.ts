/** @file What differs between training and inference: dropout and batch normalisation. */

import { describe, expect, it } from "vitest";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { batchNorm, dropout, flatten, sequential } from "../../src/engine/nn/index.ts";
import { evaluateValues, type ReferenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";

const seed = input("seed", "uint32", []);

/** A forward pass of layers in the given mode. */
function pass(
  builders: Parameters<typeof sequential>[2],
  shape: readonly number[],
  batch: number,
  training: boolean,
) {
  const network = sequential("test", shape, builders);
  const x = input("x", "float32", [batch, ...shape]);
  const parameters = new Map(
    network.parameters.map(({ name, shape: size }) => [name, input(name, "float32", size)]),
  );
  const statistics = new Map<string, Value>();
  const y = network.forward(x, {
    training,
    parameter: (name) => parameters.get(name)!,
    seed: () => seed,
    updateStatistic: (name, next) => void statistics.set(name, next),
  });
  return { x, y, parameters, statistics };
}

function ones(shape: readonly number[]): ReferenceTensor {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1) };
}

describe("dropout", () => {
  const shape = [50, 40];
  const masks = (builders: Parameters<typeof sequential>[2], step: number): number[] => {
    const { x, y } = pass([["flatten", flatten()], ...builders], shape, 10, true);
    const feeds = new Map([
      [x, ones(x.shape)],
      [seed, { shape: [], data: Float64Array.of(step) }],
    ]);
    return [...evaluateValues([y], feeds)[0]!.data];
  };

  it("zeroes a share of the elements in training and scales the rest", () => {
    const values = masks([["drop", dropout(0.25)]], 1);
    const kept = values.filter((value) => value !== 0);
    expect(kept.every((value) => Math.abs(value - 4 / 3) < 1e-6)).toBe(true); // float32's 1 / 0.75
    const share = 1 - kept.length / values.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / values.length));
  });

  it("draws anew at each step and in each layer, and the same for the same step", () => {
    const one = [["drop", dropout(0.5)]] as const;
    expect(masks(one, 1)).toEqual(masks(one, 1));
    expect(masks(one, 2)).not.toEqual(masks(one, 1));
    const two = masks([...one, ["again", dropout(0.5)]], 1);
    const left = two.filter((value) => value !== 0).length / two.length;
    // both keep: 1/4. With the same mask in both layers it would be 1/2.
    expect(Math.abs(left - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / two.length));
  });

  it("is absent at inference and at rate 0", () => {
    const off = pass([["drop", dropout(0.5)]], [3], 2, false);
    expect(off.y).toBe(off.x);
    const none = pass([["drop", dropout(0)]], [3], 2, true);
    expect(none.y).toBe(none.x);
  });
});

describe("batch normalisation", () => {
  // two samples, two channels, two positions
  const data = Float64Array.of(1, 3, 10, 10, 5, 7, 14, 18);
  const builders = [["norm", batchNorm({ epsilon: 1e-9 })]] as const;
  const given: Readonly<Record<string, number[]>> = {
    "norm/scale": [2, 1],
    "norm/offset": [0.5, -1],
    "norm/mean": [1, 2],
    "norm/variance": [4, 9],
  };
  const run = (training: boolean) => {
    const passed = pass(builders, [2, 1, 2], 2, training);
    const feeds = new Map<Value, ReferenceTensor>([
      [passed.x, { shape: [2, 2, 1, 2], data }],
      ...[...passed.parameters].map(
        ([name, value]) => [value, { shape: [2], data: Float64Array.from(given[name]!) }] as const,
      ),
    ]);
    const [y, ...statistics] = evaluateValues([passed.y, ...passed.statistics.values()], feeds);
    const names = [...passed.statistics.keys()];
    return {
      y: y!,
      statistics: Object.fromEntries(names.map((name, i) => [name, statistics[i]!])),
    };
  };
  /** The momentum 0.9 and epsilon are constants in float32. */
  const close = { rtol: 1e-6, atol: 1e-6 };

  it("normalises by the batch in training, and moves the statistics", () => {
    const { y, statistics } = run(true);
    // channel 0: 1, 3, 5, 7 with mean 4 and variance 5; channel 1: 10, 10, 14, 18 with 13 and 11
    const [a, b] = [
      (x: number) => (2 * (x - 4)) / Math.sqrt(5) + 0.5,
      (x: number) => (x - 13) / Math.sqrt(11) - 1,
    ];
    const expected = [a(1), a(3), b(10), b(10), a(5), a(7), b(14), b(18)];
    assertClose("y", y, { shape: [2, 2, 1, 2], data: expected }, close);
    const mean = [0.9 * 1 + 0.1 * 4, 0.9 * 2 + 0.1 * 13];
    assertClose("mean", statistics["norm/mean"]!, { shape: [2], data: mean }, close);
    // unbiased: 20 / 3 and 44 / 3
    const variance = [0.9 * 4 + 2 / 3, 0.9 * 9 + 4.4 / 3];
    assertClose("variance", statistics["norm/variance"]!, { shape: [2], data: variance }, close);
  });

  it("normalises by the statistics at inference, and leaves them", () => {
    const { y, statistics } = run(false);
    const [a, b] = [(x: number) => x - 1 + 0.5, (x: number) => (x - 2) / 3 - 1];
    const expected = [a(1), a(3), b(10), b(10), a(5), a(7), b(14), b(18)];
    assertClose("y", y, { shape: [2, 2, 1, 2], data: expected }, close);
    expect(statistics).toEqual({});
  });

  it.each([
    [
      () => batchNorm({ epsilon: 0 }),
      "batchNorm: epsilon must be a finite number, above 0, got 0. Correct epsilon.",
    ],
    [
      () => batchNorm({ momentum: 1 }),
      "batchNorm: momentum must be a finite number, at least 0 and below 1, got 1. Correct momentum.",
    ],
  ])("refuses a share of 1 and an epsilon of 0", (build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: "config/range", message }));
  });
});
