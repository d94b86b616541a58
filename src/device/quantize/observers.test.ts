import { describe, expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { affineQuantization } from "./affine.ts";
import {
  count,
  emptyHistogram,
  leastErrorRange,
  percentileRange,
  type RealRange,
  widened,
} from "./observers.ts";

/** 9990 numbers in [0, 1] and ten at 100 */
const stream = randomStream(1, "observed");
const values = Float32Array.from({ length: 10000 }, (_, at) =>
  at % 1000 === 0 ? 100 : stream.uniform(),
);

function histogramOf(data: Float32Array) {
  const range = widened({ min: 0, max: 0 }, data);
  const histogram = emptyHistogram(range);
  count(histogram, data);
  return histogram;
}

function meanSquaredError(data: Float32Array, range: RealRange): number {
  const { scale, zeroPoint } = affineQuantization(range);
  const errors = data.map((x) => {
    const q = Math.min(127, Math.max(-128, Math.round(x / scale) + zeroPoint));
    return (x - scale * (q - zeroPoint)) ** 2;
  });
  return errors.reduce((sum, e) => sum + e, 0) / data.length;
}

test("the range holds what was seen, and 0", () => {
  expect(widened({ min: 0, max: 0 }, Float32Array.of(3, 5))).toEqual({ min: 0, max: 5 });
  expect(widened({ min: -1, max: 5 }, Float32Array.of(-2, 4))).toEqual({ min: -2, max: 5 });
});

test("what is no number is not left out of the range", () => {
  const none = { min: Number.NaN, max: Number.NaN };
  expect(widened({ min: 0, max: 0 }, Float32Array.of(3, Number.NaN, -5))).toEqual(none);
  expect(widened(none, Float32Array.of(1, 2))).toEqual(none);
});

describe("percentiles", () => {
  test("cut rare outliers", () => {
    const { max } = percentileRange(histogramOf(values), 99.8);
    // bins are 100 / 2048 wide
    expect(max).toBeGreaterThan(0.95);
    expect(max).toBeLessThan(1.1);
  });

  test("of 100 keep everything", () => {
    expect(percentileRange(histogramOf(values), 100)).toEqual({ min: 0, max: 100 });
  });

  test("cut both tails", () => {
    const both = Float32Array.from(values, (x, at) => (at % 2 === 0 ? x : -x / 2));
    const { min, max } = percentileRange(histogramOf(both), 99.5);
    expect(min).toBeGreaterThan(-0.6);
    expect(max).toBeLessThan(1.1);
  });
});

test("the least squared error lies below that of the whole range and of too short ones", () => {
  const spread = Float32Array.from({ length: 4000 }, (_, at) => {
    const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
    return (at % 400 === 0 ? 8 : 1) * radius * Math.cos(2 * Math.PI * stream.uniform());
  });
  const histogram = histogramOf(spread);
  const best = leastErrorRange(histogram);
  const { range } = histogram;
  expect(best.max).toBeLessThanOrEqual(range.max);
  const error = meanSquaredError(spread, best);
  expect(error).toBeLessThanOrEqual(meanSquaredError(spread, range));
  for (const share of [0.1, 0.2, 0.3])
    expect(error).toBeLessThan(
      meanSquaredError(spread, { min: range.min * share, max: range.max * share }),
    );
});
