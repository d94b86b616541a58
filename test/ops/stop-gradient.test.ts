/** @file stopGradient lets values through and gradients not. */

import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { mul, reduceSum, stopGradient } from "../../src/engine/ops/index.ts";
import { evaluateValues } from "../reference/evaluate.ts";

const x = input("x", "float32", [2]);
const feeds = new Map([[x, { shape: [2], data: Float64Array.of(3, 5) }]]);

it("counts as a constant in the derivative", () => {
  const loss = reduceSum(mul(x, stopGradient(x)));
  const [value, gradient] = evaluateValues([loss, ...gradients(loss, [x])], feeds);
  expect(value!.data[0]).toBe(9 + 25);
  expect([...gradient!.data]).toEqual([3, 5]); // 2x without it
});

it("leaves nothing to differentiate if all paths lead through it", () => {
  expect(() => gradients(reduceSum(stopGradient(x)), [x])).toThrow(/the loss must depend on "x"/);
});
