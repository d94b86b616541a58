import { expect, test } from "vitest";
import { input, type Value } from "../graph/index.ts";
import { add, exp, mul, reduceSum, relu, tanh } from "../ops/index.ts";
import { estimateStepBytes } from "./estimate-memory.ts";
import type { Step } from "./loop.ts";

const w = input("w", "float32", [100]); // 400 bytes
const x = input("x", "float32", [50, 100]); // 20 000 bytes

function step(after: Value, metric: Value): Step {
  return {
    name: "made",
    state: [{ before: w, after }],
    perStep: [x],
    metrics: [{ name: "loss", value: metric }],
  };
}

test("a chain of element-wise operators stays in one buffer", () => {
  const chain = relu(tanh(exp(mul(x, w)))); // each overwrites the one before
  const bytes = estimateStepBytes(step(reduceSum(chain, { axes: [0] }), reduceSum(chain)));
  // the chain, the next state, the metric
  expect(bytes).toEqual({
    state: 400,
    inputs: 20_000,
    values: 2 * (20_000 + 400 + 4),
    total: 61_208,
  });
});

test("a value that is needed later stays alive until then", () => {
  const first = exp(mul(x, w));
  const kept = add(tanh(first), first); // tanh may not write over `first`
  const { values } = estimateStepBytes(step(w, reduceSum(kept)));
  expect(values).toBe(2 * (2 * 20_000)); // tanh beside first; the sum over both writes into one of them
});

test("another batch size scales the values, not the state", () => {
  const big = input("x", "float32", [500, 100]);
  const { state, values } = estimateStepBytes({ ...step(w, reduceSum(exp(big))), perStep: [big] });
  expect([state, values]).toEqual([400, 2 * (200_000 + 4)]);
});
