/** @file Eq. 5 with what is no opinion: refused, so that q sums to 1. */

import { expect, test } from "vitest";
import { combineSpecialists } from "./combine-specialists.ts";

test.each([
  [[0], [1], "one probability for each of its classes and one for the dustbin, got 1 for 1"],
  [[0, 9], [0.2, 0.7, 0.1], "different ones of the generalist's, 0 … 3, got 0, 9. Give each"],
  [[0, -1], [0.2, 0.7, 0.1], "different ones of the generalist's, 0 … 3, got 0, -1."],
  [[0, 1.5], [0.2, 0.7, 0.1], "different ones of the generalist's, 0 … 3, got 0, 1.5."],
  [[0, 0], [0.2, 0.7, 0.1], "different ones of the generalist's, 0 … 3, got 0, 0."],
  [[0, 1], [0.2, 0.6, 0.1], "a specialist's probabilities sum to 1, got 0.9"],
  [[0, 1], [-0.25, 0.75, 0.5], "a specialist's probabilities are at least 0, got -0.25"],
  [[3, 2, 1, 0], [0.25, 0.25, 0.25, 0.125, 0.125], "of all classes has none to give its mass to"],
])("a specialist of %j that says %j is refused", (classes, probabilities, message) => {
  const p = [0.5, 0.3, 0.15, 0.05];
  const error = { code: "specialists/opinion", message: expect.stringContaining(message) };
  expect(() => combineSpecialists(p, [{ classes, probabilities }])).toThrowError(
    expect.objectContaining(error),
  );
});

test("a generalist without a distribution is refused", () => {
  expect(() => combineSpecialists([0.5, 0.4], [])).toThrowError(
    "combineSpecialists: a generalist's probabilities sum to 1, got 0.9. Give softmax",
  );
});

test("a specialist of all classes is one more generalist, if its dustbin is empty", () => {
  const q = combineSpecialists([0.5, 0.5], [{ classes: [1, 0], probabilities: [0.7, 0.3, 0] }]);
  expect(q[0]).toBeCloseTo(0.4, 12);
  expect(q[1]).toBeCloseTo(0.6, 12);
});
