/** @file Specialists' parts: covariance, clustering, Eq. 5, data, first weights. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { arrayDataset } from "../../data/index.ts";
import { randomStream } from "../../engine/tensor/index.ts";
import { randomModel } from "../small-problem.cases.ts";
import {
  combineSpecialists,
  confusableClasses,
  kMeans,
  predictionCovariance,
  type SpecialistOpinion,
  specialData,
  specialistWeights,
} from "./index.ts";
import { newtonStep } from "./newton-step.ts";

interface Golden {
  readonly eq5: readonly {
    readonly generalist: number[];
    readonly specialists: readonly { classes: number[]; probabilities: number[] }[];
    readonly q: number[];
  }[];
  readonly covariance: readonly {
    readonly logits: number[];
    readonly temperature: number;
    readonly covariance: number[];
  }[];
}
const path = new URL("../../../test/golden/specialists.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden; // written by scripts/golden

/** Float64 sums of 40 products on both sides. */
test.each(golden.covariance)("covariance at T = $temperature is numpy's", (each) => {
  const found = predictionCovariance(Float32Array.from(each.logits), 4, each.temperature);
  for (const [at, value] of each.covariance.entries()) expect(found[at]).toBeCloseTo(value, 12);
});

function softmaxOf(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((each) => each / sum);
}

/** A sample of 26 classes, and specialists of eight that all have its likeliest class. */
function drawn(
  uniform: () => number,
  { count, spread, noise }: Readonly<Record<"count" | "spread" | "noise", number>>,
): { readonly p: number[]; readonly opinions: readonly SpecialistOpinion[] } {
  const logits = Array.from({ length: 26 }, () => spread * uniform());
  const top = logits.indexOf(Math.max(...logits));
  const opinions = Array.from({ length: count }, () => {
    const order = logits.map((_, k) => [k === top ? -1 : uniform(), k] as const);
    const classes = order
      .sort(([a], [b]) => a - b)
      .slice(0, 8)
      .map(([, k]) => k);
    const rest = logits.filter((_, k) => !classes.includes(k));
    const bin = Math.log(rest.reduce((sum, z) => sum + Math.exp(z), 0));
    const own = [...classes.map((k) => logits[k]!), bin].map((z) => z + noise * uniform());
    return { classes, probabilities: softmaxOf(own) };
  });
  return { p: softmaxOf(logits), opinions };
}

type Masses = ArrayLike<number> & Iterable<number>;

/** @returns each specialist's Σ_{j ∉ S_m} q_j */
function binsOf(q: Masses, opinions: readonly SpecialistOpinion[]): number[] {
  const sum = ({ classes }: SpecialistOpinion): number =>
    [...q].reduce((all, mass, k) => (classes.includes(k) ? all : all + mass), 0);
  return opinions.map(sum);
}

/** @returns r_k, by which a round of expectation–maximisation multiplies each class */
function growthOf(
  q: Masses,
  p: readonly number[],
  opinions: readonly SpecialistOpinion[],
): number[] {
  const bins = binsOf(q, opinions);
  return [...q].map((mass, k) => {
    const all = opinions.reduce((sum, { classes, probabilities }, m) => {
      const place = classes.indexOf(k);
      return (
        sum + (place < 0 ? probabilities[classes.length]! / bins[m]! : probabilities[place]! / mass)
      );
    }, p[k]! / mass);
    return all / (1 + opinions.length);
  });
}

/** @returns F(q) of Eq. 5 but for a constant */
function divergence(
  q: Masses,
  p: readonly number[],
  opinions: readonly SpecialistOpinion[],
): number {
  const bins = binsOf(q, opinions);
  return opinions.reduce(
    (sum, { classes, probabilities }, m) =>
      classes.reduce(
        (each, k, place) => each - probabilities[place]! * Math.log(q[k]!),
        sum - probabilities[classes.length]! * Math.log(bins[m]!),
      ),
    p.reduce((sum, mass, k) => sum - mass * Math.log(q[k]!), 0),
  );
}

describe("Eq. 5", () => {
  test("the value that the formula gives by hand", () => {
    const opinion = { classes: [0, 1], probabilities: [0.2, 0.7, 0.1] };
    const q = combineSpecialists([0.5, 0.3, 0.15, 0.05], [opinion]);
    const expected = [0.35, 0.5, 0.1125, 0.0375];
    for (const [k, value] of expected.entries()) expect(q[k]).toBeCloseTo(value, 12);
  });

  /** scipy's gradients are finite differences, good to about 1e-6. */
  test.each(golden.eq5)("the minimum that scipy finds, $specialists.length specialists", (each) => {
    const q = combineSpecialists(each.generalist, each.specialists);
    expect(q.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 12);
    for (const [k, value] of each.q.entries()) expect(q[k]).toBeCloseTo(value, 5);
  });

  test("a specialist that says what the generalist says changes nothing", () => {
    const p = [0.4, 0.3, 0.2, 0.1];
    const q = combineSpecialists(p, [{ classes: [1, 3], probabilities: [0.3, 0.1, 0.6] }]);
    for (const [k, value] of p.entries()) expect(q[k]).toBeCloseTo(value, 12);
  });

  /** At the minimum a round of expectation–maximisation changes nothing: r_k = 1. */
  test.each([1, 4, 12])("%d specialists that are sure, and overlap", (count) => {
    const { uniform } = randomStream(count, "opinions");
    for (let sample = 0; sample < 20; sample++) {
      const { p, opinions } = drawn(uniform, { count, spread: 12, noise: 3 });
      const q = combineSpecialists(p, opinions);
      for (const [k, growth] of growthOf(q, p, opinions).entries())
        expect([k, growth]).toEqual([k, expect.closeTo(1, 9)]); // to 1e-12 / 13, of sums of 26
    }
  });

  /** Rounds alone hardly move the mass of a class that nobody names but the bins leave room for. */
  test("masses down to 1e-50 end no higher than 3,000 rounds alone", () => {
    const { uniform } = randomStream(7, "tiny masses");
    for (let sample = 0; sample < 30; sample++) {
      const { p, opinions } = drawn(uniform, { count: 8, spread: 100, noise: 40 });
      let slow = p;
      for (let round = 0; round < 3000; round++) {
        const growth = growthOf(slow, p, opinions);
        slow = slow.map((mass, k) => mass * growth[k]!);
      }
      const found = combineSpecialists(p, opinions);
      const limit = divergence(slow, p, opinions) + 1e-12; // rounding of sums of 34 terms
      expect(divergence(found, p, opinions)).toBeLessThan(limit);
    }
  });

  test("Newton's steps alone end at the minimum", () => {
    const p = softmaxOf([0, 4, 1, 2, 0, 1]);
    const opinions = [
      { classes: [0, 1], probabilities: softmaxOf([0, 6, 1]) },
      { classes: [1, 2], probabilities: softmaxOf([5, 2, 0]) },
      { classes: [3, 5], probabilities: softmaxOf([2, 1, 7]) },
    ];
    const own = Float64Array.from(p);
    for (const { classes, probabilities } of opinions)
      for (const [place, k] of classes.entries()) own[k]! += probabilities[place]!;
    const dustbins = Float64Array.from(opinions, (each) => each.probabilities[2]!);
    const binned = p.map((_, k) => [0, 1, 2].filter((m) => !opinions[m]!.classes.includes(k)));
    let q: Float64Array = Float64Array.from(p);
    for (let step = 0; step < 8; step++) q = newtonStep(q, { own, dustbins, binned });
    const expected = combineSpecialists(p, opinions);
    for (const [k, mass] of expected.entries()) expect(q[k]).toBeCloseTo(mass, 12);
  });

  test("probabilities of 0 are finite", () => {
    const q = combineSpecialists([1, 0, 0], [{ classes: [0, 1], probabilities: [0, 0, 1] }]);
    expect([...q].every(Number.isFinite)).toBe(true);
    expect(q.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 12);
  });
});

describe("clustering", () => {
  const groups = [
    [0, 4, 8],
    [1, 5, 9],
    [2, 6, 10],
    [3, 7, 11],
  ];

  /** Twelve classes in four groups of three; a prediction spreads over its group. */
  const planted = (): Float32Array => {
    const stream = randomStream("planted");
    return Float32Array.from({ length: 600 * 12 }, (_, at) => {
      const named = Math.floor(at / 12) % 12;
      const isGroup = (at % 12) % 4 === named % 4;
      return stream.normal() + (at % 12 === named ? 3 : 0) + (isGroup ? 3 : 0);
    });
  };

  test("planted groups of classes are found again, without labels", () => {
    const sets = confusableClasses(planted(), 12, { count: 4, seed: 3 });
    expect(sets).toEqual(groups);
  });

  /**
   * A prediction is one class for the most part, and the others of its group for the rest. Groups
   * are predicted more often and less often, so that variances differ.
   */
  const unequal = (
    parts: readonly (readonly number[])[],
    times: readonly number[],
  ): Float32Array => {
    const classes = parts.flat().length;
    const rows = parts.flatMap((group, at) =>
      group.flatMap((named) => {
        const row = Array.from({ length: classes }, (_, k): number => (group.includes(k) ? 2 : -3));
        row[named] = 4;
        return Array.from({ length: times[at]! }, () => row);
      }),
    );
    return Float32Array.from(rows.flat());
  };

  test("groups of unlike variances are found again, with and without a size", () => {
    const logits = unequal(groups, [1, 3, 9, 27]);
    const covariance = predictionCovariance(logits, 12);
    expect(covariance[12 * 11 + 11]! / covariance[0]!).toBeGreaterThan(15);
    expect(confusableClasses(logits, 12, { count: 4 })).toEqual(groups);
    expect(confusableClasses(logits, 12, { count: 4, size: 3 })).toEqual(groups);
  });

  test("one common group beside rare ones: zeros in place of the variances do not find it", () => {
    expect(confusableClasses(unequal(groups, [1, 1, 1, 9]), 12, { count: 4 })).toEqual(groups);
  });

  test("classes that are confused with each other alone are pairs, common or rare", () => {
    const pairs = [
      [0, 1],
      [2, 3],
      [4, 5],
    ];
    expect(confusableClasses(unequal(pairs, [3, 6, 9]), 6, { count: 3 })).toEqual(pairs);
  });

  /** Samples of which each has some logits, class by class; all others are 0. */
  const predicted = (
    classes: number,
    samples: readonly (readonly [times: number, logits: Readonly<Record<number, number>>])[],
  ): Float32Array =>
    Float32Array.from(
      samples.flatMap(([times, logits]) =>
        Array.from({ length: times }, () =>
          Array.from({ length: classes }, (_, k) => logits[k] ?? 0),
        ).flat(),
      ),
    );

  test("a set is filled up with what is predicted together with it, not with rare classes", () => {
    const logits = predicted(7, [
      [40, { 0: 6, 1: 6 }],
      [40, { 1: 6, 2: 6 }],
      [40, { 2: 6, 3: 6 }],
      [40, { 3: 6 }],
      ...[4, 5, 6].map((rare) => [8, { [rare]: 6 }] as const),
    ]);
    // 1 is a cluster by itself: 0 and 2 are what it is taken for
    expect(confusableClasses(logits, 7, { count: 5, size: 3 })).toContainEqual([0, 1, 2]);
  });

  test("a cluster is cut down to what is predicted together most", () => {
    const logits = predicted(5, [
      ...[1, 2, 3].map((other) => [4, { 0: 4, [other]: 3 }] as const),
      [60, { 1: 4, 2: 3 }],
      [60, { 2: 4, 1: 3 }],
      [60, { 2: 4, 3: 3 }],
      [60, { 3: 4, 2: 3 }],
      [200, { 4: 4 }],
    ]);
    expect(confusableClasses(logits, 5, { count: 2 })).toEqual([[0, 1, 2, 3]]);
    expect(confusableClasses(logits, 5, { count: 2, size: 3 })).toContainEqual([1, 2, 3]);
  });

  test("with a size, every set has it, and sets overlap", () => {
    const sets = confusableClasses(planted(), 12, { count: 4, size: 5 });
    expect(sets.map(({ length }) => length)).toEqual([5, 5, 5, 5]);
    for (const [at, set] of sets.entries())
      expect(set).toEqual(expect.arrayContaining([at, at + 4, at + 8]));
  });

  test("k-means is a function of its seed, and finds points that coincide", () => {
    const points = [0, 0, 5, 5, 9].map((x) => Float64Array.of(x, -x));
    const { assignment, inertia } = kMeans(points, { clusters: 3, seed: 1 });
    expect([...assignment]).toEqual([0, 0, 1, 1, 2]);
    expect(inertia).toBe(0);
    expect(kMeans(points, { clusters: 5 }).inertia).toBe(0);
  });

  test.each([
    [{ count: 13 }, "config/range"],
    [{ count: 2, size: 12 }, "config/range"],
    [{ count: 12 }, "specialists/none"],
  ])("%o is refused", (options, code) => {
    expect(() => confusableClasses(planted(), 12, options)).toThrowError(
      expect.objectContaining({ code }),
    );
  });
});

describe("data and first weights", () => {
  const labels = Int32Array.from({ length: 100 }, (_, i) => (i % 25 === 24 ? -1 : i % 10));
  const dataset = arrayDataset({
    name: "ten",
    dtype: "uint8",
    shape: [2],
    data: Uint8Array.from({ length: 200 }, (_, i) => i),
    labels,
    classNames: [..."abcdefghij"],
  });

  test("half special, half others; the correction is log of the oversampling", () => {
    const { dataset: own, dustbinCorrection } = specialData(dataset, [2, 7], {
      name: "own",
      seed: 1,
    });
    const special = labels.filter((label) => label === 2 || label === 7).length;
    const others = labels.filter((label) => label >= 0).length - special;
    const counts = [0, 1, 2].map((label) => own.labels.filter((each) => each === label).length);
    expect(counts[0]! + counts[1]!).toBe(special);
    expect(counts[2]).toBe(special);
    expect(dustbinCorrection).toBeCloseTo(Math.log(others / special), 12);
    expect(own.classNames).toEqual(["c", "h", "other classes"]);
    const again = specialData(dataset, [2, 7], { name: "own", seed: 1 }).dataset;
    expect(again.hash()).toBe(own.hash());
    expect(specialData(dataset, [2, 7], { name: "own", seed: 2 }).dataset.hash()).not.toBe(
      own.hash(),
    );
  });

  test("classes without samples are refused", () => {
    const some = arrayDataset({ ...fewSamples(), labels: Int32Array.of(0, 0) });
    expect(() => specialData(some, [1, 2], { name: "own", seed: 1 })).toThrowError(
      expect.objectContaining({ code: "specialists/data" }),
    );
  });

  test("special rows are the generalist's, the dustbin's the mean of the others", () => {
    const model = randomModel([12], 3);
    const weights = specialistWeights(model, [2]);
    const [kernel, own] = [model.weights, weights].map((each) => each.get("output/kernel")!);
    expect(own!.shape).toEqual([12, 2]);
    for (let row = 0; row < 12; row++) {
      const at = (k: number): number => Number(kernel!.data[row * 3 + k]);
      expect(own!.data[row * 2]).toBe(at(2));
      expect(own!.data[row * 2 + 1]).toBe(Math.fround((at(0) + at(1)) / 2));
    }
    const [bias, ownBias] = [model.weights, weights].map((each) => each.get("output/bias")!.data);
    const mean = (Number(bias![0]) + Number(bias![1])) / 2;
    expect(ownBias![1]).toBeCloseTo(mean + Math.log(2), 6);
    expect(weights.get("hidden1/kernel")).toBe(model.weights.get("hidden1/kernel"));
  });
});

function fewSamples() {
  return {
    name: "few",
    dtype: "uint8",
    shape: [1],
    data: Uint8Array.of(1, 2),
    classNames: ["a", "b", "c"],
  } as const;
}
