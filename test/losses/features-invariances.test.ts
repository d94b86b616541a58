/** @file Feature losses: what changes nothing, and batches in which samples or maps coincide. */

import { describe, expect, it } from "vitest";
import { buildFeatureLoss, type FeatureLossSpec } from "../../src/distill/losses/features/index.ts";
import { input, topologicalOrder } from "../../src/engine/graph/index.ts";
import { elementCount } from "../../src/engine/tensor/index.ts";

import { assertClose } from "../support/close.ts";
import {
  allFinite,
  angles,
  batchFor,
  distances,
  drawn,
  exactly,
  inputsOf,
  inRuntime,
  lossOn,
  relation,
  rowsAt,
} from "../support/feature-batches.ts";
import type { Inputs, Numbers } from "../support/gradient-graph.ts";

describe("invariances", () => {
  const scaled = ({ shape, data }: Numbers, by: (row: number) => number): Numbers => {
    const row = elementCount(shape.slice(1));
    return { shape, data: Array.from(data, (x, i) => x * by(Math.floor(i / row))) };
  };
  /** Reflects each row twice, which turns it. */
  const turned = ({ shape, data }: Numbers): Numbers => {
    const width = elementCount(shape.slice(1));
    const rows = Array.from({ length: shape[0]! }, (_, row) =>
      Array.from(data).slice(row * width, (row + 1) * width),
    );
    const reflected = [71, 72].reduce((points, seed) => {
      const axis = Array.from(drawn([width], seed).data);
      const square = axis.reduce((sum, x) => sum + x * x, 0);
      return points.map((point) => {
        const along = (2 * point.reduce((sum, x, i) => sum + x * axis[i]!, 0)) / square;
        return point.map((x, i) => x - along * axis[i]!);
      });
    }, rows);
    return { shape, data: reflected.flat() };
  };
  const expectSame = (spec: FeatureLossSpec, change: (layer: Numbers) => Numbers): void => {
    const inputs = batchFor(spec.name, 5);
    const changed = { ...inputs, student0: change(inputs.student0!) };
    expect(lossOn(spec, changed)).toBeCloseTo(lossOn(spec, inputs), 12);
  };

  it("attention does not mind a factor on a sample, nor the order of channels", () => {
    expectSame({ name: "attention" }, (layer) => scaled(layer, (row) => 0.5 + row));
    expectSame({ name: "attention" }, ({ shape, data }) => {
      const [, channels, height, width] = shape;
      const size = height! * width!;
      const from = (i: number): number => {
        const channel = Math.floor(i / size) % channels!;
        return i + (((channel + 1) % channels!) - channel) * size;
      };
      return { shape, data: Array.from(data, (_, i) => data[from(i)]!) };
    });
  });

  it("similarity does not mind a rotation, nor one factor on all features", () => {
    expectSame({ name: "similarity" }, turned);
    expectSame({ name: "similarity" }, (layer) => scaled(layer, () => 7));
  });

  it("graph does not mind a rotation, nor a factor on a sample", () => {
    for (const spec of [{ name: "graph" }, { name: "graph", neighbours: 2 }] as const) {
      expectSame(spec, turned);
      expectSame(spec, (layer) => scaled(layer, (row) => 0.5 + row));
    }
  });

  it.each([distances, angles])("%o does not mind rotation, factor and shift", (spec) => {
    expectSame(spec, turned);
    expectSame(spec, (layer) => scaled(layer, () => 7));
    expectSame(spec, ({ shape, data }) => ({
      shape,
      data: Array.from(data, (x, i) => x + (i % 5) - 1),
    }));
  });

  it("relation is the sum of its weighted terms", () => {
    const inputs = batchFor("relation", 5);
    const sum = 25 * lossOn(distances, inputs) + 50 * lossOn(angles, inputs);
    expect(lossOn(relation, inputs)).toBeCloseTo(sum, 10);
  });

  it.each([
    [distances, [[5, 5]]],
    [angles, [[5, 5, 5]]],
  ])("%o builds nothing of the other term", (spec, shapes) => {
    const x = input("x", "float32", [5, 2]);
    const built = topologicalOrder([buildFeatureLoss(spec)([x], [x], {})]);
    const differences = built.filter(({ op }) => op === "clip"); // of smooth L1
    expect(differences.map(({ shape }) => shape)).toEqual(shapes);
  });

  it("weights enter a graph twice, and equal ones leave the Frobenius norm of any batch", () => {
    const inputs = batchFor("graph", 5);
    const half = { ...inputs, weights: { shape: [5], data: [0.1, 0.1, 0.1, 0.1, 0.1] } };
    const spec = { name: "graph" } as const;
    expect(lossOn(spec, half) / lossOn(spec, inputs)).toBeCloseTo(1 / 4, 12);
    // against a teacher without edges: of one pair A = [[0, 1], [1, 0]], whose norm is √2
    const pair = inputsOf(
      [{ shape: [2, 2], data: [1, 2, 2, 5] }],
      [{ shape: [2, 2], data: [1, 0, 0, 1] }],
    );
    expect(lossOn(spec, pair)).toBeCloseTo(2, 12);
  });

  it("weights enter relations twice and three times", () => {
    const inputs = batchFor("relation", 5);
    const half = { ...inputs, weights: { shape: [5], data: [0.1, 0.1, 0.1, 0.1, 0.1] } };
    expect(lossOn(distances, half) / lossOn(distances, inputs)).toBeCloseTo(1 / 4, 12);
    expect(lossOn(angles, half) / lossOn(angles, inputs)).toBeCloseTo(1 / 8, 12);
  });
});

describe("equal samples in a batch", () => {
  /** 512 features far from 0; float32's inner products know them to 1e-7 of that distance. */
  const wide = (pattern: readonly number[]): Inputs => {
    const offset = ({ shape, data }: Numbers): Numbers => ({
      shape,
      data: Array.from(data, (x) => Math.fround(x + 100)),
    });
    const [student, teacher] = [offset(drawn([4, 512], 5)), offset(drawn([4, 300], 6))];
    return inputsOf([rowsAt(student, pattern)], [rowsAt(teacher, [0, 1, 2, 3, 1, 0])]);
  };

  it.each([
    ["two pairs", [0, 1, 2, 3, 0, 0]],
    ["nothing else", [0, 0, 0, 0, 0, 0]],
    ["the teacher's own", [0, 1, 2, 3, 1, 0]],
  ])("%s: float32 gives the gradient of float64, of ordinary size", async (_, pattern) => {
    const inputs = wide(pattern);
    const exact = exactly(relation, inputs);
    const run = await inRuntime(relation, inputs);
    expect(allFinite(exact)).toBe(true);
    expect(Math.abs(run.loss - exact.loss)).toBeLessThan(1e-4);
    const few = { rtol: 1e-3, atol: 1e-5 }; // sums of 512 products, times 50
    assertClose("gradient", run.gradients.student0!, exact.gradients.student0!, few);
    expect(Math.max(...Array.from(exact.gradients.student0!.data, Math.abs))).toBeLessThan(10);
  });

  it("samples that almost coincide count as one, with a bounded gradient", () => {
    const [student, teacher] = [drawn([4, 8], 5), drawn([4, 8], 6)];
    const nearly = (by: number): Inputs => {
      const { shape, data } = rowsAt(student, [0, 1, 2, 3, 0]);
      const moved = Array.from(data, (x, i) => (i >= 32 ? x + by : x));
      return inputsOf([{ shape, data: moved }], [rowsAt(teacher, [0, 1, 2, 3, 2])]);
    };
    const equal = lossOn(relation, nearly(0));
    expect(Math.abs(lossOn(relation, nearly(1e-6)) - equal)).toBeLessThan(1e-4);
    for (const by of [1e-12, 1e-6, 1e-4, 1e-3, 1e-2]) {
      const { data } = exactly(relation, nearly(by)).gradients.student0!;
      expect(Math.max(...Array.from(data, Math.abs))).toBeLessThan(300); // 2.08 / leastDegree
    }
  });
});

describe("a graph's edges", () => {
  const rows = (...data: readonly number[][]): Numbers => ({
    shape: [data.length, data[0]!.length],
    data: data.flat(),
  });
  /** Three alike, one apart, and one that points away from all. */
  const taught = rows([3, 1], [3, 2], [3, 3], [1, 9], [-1, -8]);
  const seen = rows([1, 4], [5, 1], [2, 2], [4, 1], [1, 1]);

  it("as many neighbours as there are others is all edges that the teacher has", () => {
    const near = inputsOf([seen], [rows([3, 1], [3, 2], [3, 3], [1, 9], [1, 8])]);
    const all = exactly({ name: "graph" }, near);
    const most = exactly({ name: "graph", neighbours: 4 }, near);
    expect(most.loss).toBe(all.loss);
    expect(most.gradients).toEqual(all.gradients);
    // the last of these has no edge: the student's own to it are not compared
    const apart = inputsOf([seen], [taught]);
    const compared = lossOn({ name: "graph", neighbours: 4 }, apart);
    expect(compared).toBeLessThan(0.5 * lossOn({ name: "graph" }, apart)); // measured 0.19 of 0.76
  });

  it.each([8, 32])("few neighbours have about the size of all edges: batch of %i", (batch) => {
    const positive = (seed: number): Numbers => {
      const { shape, data } = drawn([batch, 6], seed);
      return { shape, data: Array.from(data, Math.abs) };
    };
    const inputs = inputsOf([positive(5)], [positive(6)]);
    for (const neighbours of [1, 2, 4]) {
      const kept = lossOn({ name: "graph", neighbours }, inputs);
      const size = kept / lossOn({ name: "graph" }, inputs);
      expect(size).toBeGreaterThan(1); // the nearest differ more than others; each is of two samples
      expect(size).toBeLessThan(3); // measured 2.8
    }
  });

  it.each(["float64", "float32"])(
    "all that tie for the last place are kept, in %s",
    async (dtype) => {
      const run = dtype === "float64" ? exactly : inRuntime;
      // of the first sample the second and third are equally near: equal samples
      const tied = rows([3, 1], [3, 2], [3, 2], [1, 9]);
      const student = rows([1, 4], [5, 1], [2, 2], [4, 1]);
      const spec = { name: "graph", neighbours: 1 } as const;
      const order = [0, 2, 1, 3];
      const one = await run(spec, inputsOf([student], [tied]));
      const other = await run(spec, inputsOf([rowsAt(student, order)], [rowsAt(tied, order)]));
      expect(other.loss / one.loss).toBeCloseTo(1, 6);
      // a factor on a sample changes no edge, but how it is rounded
      for (const by of [1.1, 0.7, 1 / 3]) {
        const alike = rows([3, 1], [3, 2], [3 * by, 2 * by], [1, 9]);
        const rounded = await run(spec, inputsOf([student], [alike]));
        expect(rounded.loss / one.loss).toBeCloseTo(1, 6);
      }
    },
  );

  it("an edge that fades has a bounded slope", () => {
    for (const by of [1e-12, 1e-8, 1e-4, 1e-2]) {
      const almost = rows([1, 0, 0], [by, 1, 0], [by, 0, 1]);
      const { data } = exactly(
        { name: "graph" },
        inputsOf([almost], [rows([1, 1], [1, 2], [2, 1])]),
      ).gradients.student0!;
      expect(Math.max(...Array.from(data, Math.abs))).toBeLessThan(1000);
    }
  });
});
