/** @file The bias of each class against the smallest loss that a search without slopes finds. */

import { expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { perClassBias } from "./per-class-bias.ts";

interface Scored {
  readonly logits: Float32Array;
  readonly labels: Int32Array;
}

/** Logits with `margin` for the label and `missing` taken from class 2, all times `scale`. */
function scored(
  samples: number,
  classes: number,
  { margin = 2, noise = 1, missing = 3, scale = 1 },
): Scored {
  const stream = randomStream("per-class bias", samples, classes, margin);
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  const logits = Float32Array.from({ length: samples * classes }, (_, at) => {
    const [label, c] = [labels[Math.floor(at / classes)], at % classes];
    const own = noise * stream.normal() + (c === label ? margin : 0);
    return scale * (own - (c === 2 ? missing : 0));
  });
  return { logits, labels };
}

/** Σ_i log(1 + Σ_{c ≠ y_i} e^(z_ic + b_c − z_iy − b_y)), in nats. */
function lossOf({ logits, labels }: Scored, bias: ArrayLike<number>): number {
  return labels.reduce((sum, label, i) => {
    const at = (c: number): number => logits[i * bias.length + c]! + bias[c]!;
    let others = 0;
    for (let c = 0; c < bias.length; c++) others += c === label ? 0 : Math.exp(at(c) - at(label));
    return sum + Math.log1p(others);
  }, 0);
}

/** @returns where a convex function of one number in −range … range is smallest */
function lowest(f: (x: number) => number, range: number): number {
  let [low, high] = [-range, range];
  for (let round = 0; round < 45; round++) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (f(left) < f(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

test.each([
  { margin: 0, noise: 1 },
  { margin: 2, noise: 1 },
  { margin: 10, noise: 1 },
  { margin: 20, noise: 3 }, // no sample is wrong
])("is where a search of two free biases ends: $margin", (about) => {
  const data = scored(36, 3, about);
  const secondAt = (b: number): number => lowest((c) => lossOf(data, [0, b, c]), 15);
  const b = lowest((x) => lossOf(data, [0, x, secondAt(x)]), 15);
  const brute = [0, b, secondAt(b)];
  const bias = perClassBias(data.logits, data.labels);
  expect(lossOf(data, bias)).toBeLessThanOrEqual(lossOf(data, brute) * (1 + 1e-13));
  // near the minimum losses that differ by 1e-16 are 1e-8 apart in b, and more where it is flat
  for (const c of [1, 2]) expect(Math.abs(bias[c]! - bias[0]! - brute[c]!)).toBeLessThan(1e-5);
});

test.each([
  { samples: 400, classes: 4, margin: 10, noise: 1 },
  { samples: 400, classes: 4, margin: 20, noise: 3, missing: 5 },
  { samples: 300, classes: 10, margin: 4, noise: 2 },
  { samples: 60, classes: 20, margin: 1, noise: 3, scale: 5 },
  { samples: 8, classes: 2, margin: 30, noise: 1, missing: 0 },
])("takes from a class as much as it gives: $classes classes, margin $margin", (about) => {
  const { samples, classes } = about;
  const { logits, labels } = scored(samples, classes, about);
  const bias = perClassBias(logits, labels);
  const [missed, given] = [new Float64Array(classes), new Float64Array(classes)];
  labels.forEach((label, i) => {
    const shares = Array.from(bias, (b, c) => Math.exp(logits[i * classes + c]! + b));
    const total = shares.reduce((a, b) => a + b);
    shares.forEach((share, c) => {
      if (c === label) return;
      missed[label]! += share / total;
      given[c]! += share / total;
    });
  });
  // a relative difference of 1e-7 is a bias 1e-7 away
  missed.forEach((mass, c) => {
    expect(Math.abs(mass - given[c]!)).toBeLessThan(1e-7 * (mass + given[c]!));
  });
  expect(bias.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
});

test("finds a bias of thousands, where all probabilities are 0 or 1 at first", () => {
  const logits = Float32Array.of(5000, 0, 5002, 0, 5001, 0, 4999, 0);
  const bias = perClassBias(logits, Int32Array.of(1, 0, 1, 0));
  expect(lossOf({ logits, labels: Int32Array.of(1, 0, 1, 0) }, bias)).toBeLessThan(4);
  expect(bias[1]! - bias[0]!).toBeCloseTo(5000.5, 6); // by symmetry: 4999 … 5002 around it
});

test("stays at 0 where no other class has a probability in float64", () => {
  const logits = Float32Array.of(1e4, 0, 0, 1e4);
  expect(perClassBias(logits, Int32Array.of(0, 1))).toEqual(Float64Array.of(0, 0));
});

test("refuses infinite logits", () => {
  const logits = Float32Array.of(1, 0, Number.NEGATIVE_INFINITY, 0);
  expect(() => perClassBias(logits, Int32Array.of(0, 1))).toThrow(
    "perClassBias: logits must be finite, got -Infinity at sample 1.",
  );
});
