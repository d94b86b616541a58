/** @file The comparison of tensors: what it lets pass and what it says. */

import { expect, it } from "vitest";
import { assertClose, difference } from "./close.ts";

const of = (...data: number[]) => ({ shape: [data.length], data });
const exactly = { rtol: 0, atol: 0 };

it("lets pass what is within atol + rtol · |expected|", () => {
  expect(difference(of(1.01, 0.001), of(1, 0), { rtol: 0.01, atol: 0.001 })).toBeNull();
});

it("names the worst element and counts the others", () => {
  expect(difference(of(1.1, 3, 1), of(1, 1, 1), { rtol: 0.01, atol: 0 })).toBe(
    "2 of 3 elements differ; worst at 1: 3 instead of 1 (rtol 0.01, atol 0)",
  );
});

it("compares shapes before elements", () => {
  expect(difference({ shape: [1, 2], data: [1, 2] }, of(1, 2), exactly)).toBe(
    "shape [1, 2] instead of [2]",
  );
});

it("refuses data that does not fill its shape", () => {
  expect(difference({ shape: [2], data: [1] }, of(1, 2), exactly)).toBe("1 elements instead of 2");
});

it("takes NaN for NaN and infinities for themselves, and nothing else for them", () => {
  expect(difference(of(NaN, Infinity), of(NaN, Infinity), exactly)).toBeNull();
  expect(difference(of(1e300), of(Infinity), { rtol: 1, atol: 1 })).not.toBeNull();
  expect(difference(of(NaN), of(1), { rtol: 1, atol: 1 })).not.toBeNull();
  expect(difference(of(-Infinity), of(Infinity), { rtol: 1, atol: 1 })).not.toBeNull();
});

it("takes the two zeros for equal", () => {
  expect(difference(of(-0), of(0), exactly)).toBeNull();
});

it("throws with the name of what was compared", () => {
  expect(() => assertClose("gradient", of(1), of(2), exactly)).toThrow(
    "gradient: 1 of 1 elements differ; worst at 0: 1 instead of 2 (rtol 0, atol 0)",
  );
});
