import { describe, expect, test } from "vitest";
import {
  affineQuantization,
  clampRange,
  exactSampleQuantization,
  quantize,
  quantizeSamples,
} from "./affine.ts";

describe("ranges as scale and zero point", () => {
  test.each([
    [-1, 1, 2 / 255, -1], // −128 + 127.5 = −0.5, away from zero
    [0, 255, 1, -128],
    [-255, 0, 1, 127],
    [-3, 12.3, 15.3 / 255, -78],
    [2, 6, 6 / 255, -128], // widened to contain 0
    [-6, -2, 6 / 255, 127],
    [0, 0, 1, 0],
  ])("%d to %d", (min, max, scale, zeroPoint) => {
    expect(affineQuantization({ min, max })).toEqual({ scale: Math.fround(scale), zeroPoint });
  });
});

test("numbers become the nearest step, halves away from zero, cut at the ends", () => {
  const q = { scale: 0.5, zeroPoint: -10 };
  expect([0, 0.25, -0.25, 0.74, 100, -100].map((x) => quantize(x, q))).toEqual([
    -10, -9, -11, -9, 127, -128,
  ]);
});

test("a relu's limit is the zero point, relu6's the step of 6", () => {
  const q = { scale: 0.1, zeroPoint: -20 };
  expect(clampRange({ min: 0, max: Infinity }, q)).toEqual({ min: -20, max: 127 });
  expect(clampRange({ min: 0, max: 6 }, q)).toEqual({ min: -20, max: 40 });
  expect(clampRange({ min: -Infinity, max: Infinity }, q)).toEqual({ min: -128, max: 127 });
});

describe("samples", () => {
  const bytes = { dtype: "uint8", scale: 1 / 255, offset: 0 } as const;

  test("bytes are exact where the offset is a whole number of steps", () => {
    const exact = exactSampleQuantization(bytes)!;
    expect(exact).toEqual({ scale: Math.fround(1 / 255), zeroPoint: -128 });
    const q = quantizeSamples(Uint8Array.of(0, 1, 128, 255), bytes, exact);
    expect([...q]).toEqual([-128, -127, 0, 127]);
    const centred = { dtype: "uint8", scale: 1 / 128, offset: -1 } as const;
    expect(exactSampleQuantization(centred)?.zeroPoint).toBe(0);
  });

  test("no exact form: a fraction of a step, a range without 0, floats", () => {
    expect(exactSampleQuantization({ ...bytes, offset: -0.5 })).toBeUndefined();
    expect(exactSampleQuantization({ ...bytes, offset: 3 })).toBeUndefined();
    expect(exactSampleQuantization({ ...bytes, dtype: "float32" })).toBeUndefined();
  });
});
