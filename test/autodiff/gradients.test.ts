/**
 * @file The reverse walk: accumulation, un-broadcasting, what is refused. Values from calculus by
 * hand.
 */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import {
  add,
  argMax,
  cast,
  exp,
  gather,
  greater,
  maxPool,
  mul,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
  topKValues,
  where,
} from "../../src/engine/ops/index.ts";
import { evaluateValues, type ReferenceTensor } from "../reference/evaluate.ts";

const x = input("x", "float32", [2, 3]);
const y = input("y", "float32", [3]);
const scale = input("scale", "float32", []);
const feeds = new Map<Value, ReferenceTensor>([
  [x, { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) }],
  [y, { shape: [3], data: Float64Array.of(10, 20, 30) }],
  [scale, { shape: [], data: Float64Array.of(2) }],
]);

/** Gradients on the values above. */
function evaluated(loss: Value, ...wrt: readonly Value[]): number[][] {
  return evaluateValues(gradients(loss, wrt), feeds).map(({ data }) => [...data]);
}

describe("gradients", () => {
  it("adds up over every use of a value", () => {
    const twice = add(mul(x, x), x); // d/dx = 2 x + 1
    expect(evaluated(reduceSum(add(twice, x)), x)).toEqual([[4, 6, 8, 10, 12, 14]]);
  });

  it("adds up where the same value is both operands", () => {
    expect(evaluated(reduceSum(mul(y, y)), y)).toEqual([[20, 40, 60]]);
    expect(evaluated(reduceSum(sub(y, y)), y)).toEqual([[0, 0, 0]]);
  });

  it("sums over stretched axes, missing and of size 1", () => {
    const column = input("column", "float32", [2, 1]);
    const fed = new Map([...feeds, [column, { shape: [2, 1], data: Float64Array.of(1, -1) }]]);
    const loss = reduceSum(mul(mul(x, y), mul(column, scale)));
    const derived = gradients(loss, [y, column, scale]);
    expect(derived.map(({ shape }) => shape)).toEqual([[3], [2, 1], []]);
    expect(evaluateValues(derived, fed).map(({ data }) => [...data])).toEqual([
      [2 * (1 - 4), 2 * (2 - 5), 2 * (3 - 6)],
      [2 * (10 + 40 + 90), 2 * (40 + 100 + 180)],
      [140 - 320],
    ]);
  });

  it("keeps axes of size 1 that were not stretched", () => {
    const one = input("one", "float32", [1, 3]);
    const [derived] = gradients(reduceSum(mul(one, add(one, 1))), [one]);
    expect(derived!.shape).toEqual([1, 3]);
  });

  it("takes values in the middle of the graph, and the loss itself", () => {
    const middle = mul(x, 3);
    const loss = reduceSum(mul(middle, middle));
    expect(evaluated(loss, middle, loss)).toEqual([[6, 12, 18, 24, 30, 36], [1]]);
  });

  it("gives equal values for a target that is named twice", () => {
    const [first, second] = gradients(reduceSum(y), [y, y]);
    expect(first).toBe(second);
  });

  it("goes round what has no derivative if there is another way", () => {
    // the condition's comparison has no derivative, the branches have
    const loss = reduceSum(where(greater(x, 3), mul(x, 10), x));
    expect(evaluated(loss, x)).toEqual([[1, 1, 1, 10, 10, 10]]);
  });

  it("treats what stopGradient holds as constant", () => {
    expect(evaluated(reduceSum(mul(y, stopGradient(y))), y)).toEqual([[10, 20, 30]]);
  });

  it("builds nothing for operands that no target is behind", () => {
    const costly = exp(exp(y));
    const [derived] = gradients(reduceSum(mul(x, costly)), [x]);
    // d/dx is `costly` itself times the cotangent: no derivative of exp
    const ops = new Set<string>();
    const visit = (value: Value): void => {
      ops.add(value.op);
      value.inputs.forEach(visit);
    };
    visit(derived!);
    expect([...ops].sort()).toEqual(["constant", "exp", "expand", "input", "mul", "reshape"]);
  });
});

describe("gradients refuse", () => {
  const index = argMax(x, { axis: 1 });
  const counted = reduceSum(cast(greater(x, 0), "float32"));

  it.each([
    [
      "a loss of several elements",
      () => gradients(y, [y]),
      "autodiff/scalar",
      "gradients: the loss must be a float scalar, got float32[3]. Reduce it first, for example with reduceMean.",
    ],
    [
      "a loss that is an index",
      () => gradients(argMax(y, { axis: 0 }), [y]),
      "autodiff/scalar",
      "gradients: the loss must be a float scalar, got int64[]. Reduce it first, for example with reduceMean.",
    ],
    [
      "a target that the loss does not contain",
      () => gradients(reduceSum(x), [x, y]),
      "autodiff/unreachable",
      'gradients: the loss must depend on "y", got no path between them. Leave it out of wrt, or look for a stopGradient in between.',
    ],
    [
      "a target behind stopGradient",
      () => gradients(reduceSum(add(x, stopGradient(y))), [x, y]),
      "autodiff/unreachable",
      'gradients: the loss must depend on "y", got no path between them. Leave it out of wrt, or look for a stopGradient in between.',
    ],
    [
      "a target that is only an index",
      () => gradients(reduceMean(gather(y, index, 0)), [x]),
      "autodiff/no-gradient",
      'gradients: some path from the loss to "x" must be differentiable, got operators without derivative (argMax: an index is constant almost everywhere). Use a differentiable operator, or leave this value out of wrt.',
    ],
    [
      "a target that is only compared, naming no operator on another target's way",
      () => gradients(add(counted, reduceSum(gather(y, argMax(y), 0))), [y, x]),
      "autodiff/no-gradient",
      'gradients: some path from the loss to "x" must be differentiable, got operators without derivative (greater: a comparison is constant almost everywhere). Use a differentiable operator, or leave this value out of wrt.',
    ],
  ])("%s", (_, work, code, message) => {
    expect(work).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("a part of the gradient that is not built is no gradient", () => {
  const image = input("image", "float32", [1, 1, 4, 4]);
  const pooled = maxPool(image, { kernel: 2, strides: 2 });
  const [inner] = gradients(reduceSum(mul(pooled, pooled)), [image]);

  it.each([
    ["largest elements", add(reduceMean(y), reduceMean(topKValues(y, { k: 2 }))), y, "topKValues"],
    ["a gradient through maxPool", add(reduceSum(image), reduceSum(inner!)), image, "maxPoolGrad"],
  ])("%s beside another path", (_, loss, target, op) => {
    expect(() => gradients(loss, [target])).toThrow(
      expect.objectContaining({
        code: "autodiff/no-gradient",
        message: expect.stringContaining(`${op}: `),
      }),
    );
  });

  it("cut off by stopGradient it is none", () => {
    const [dy] = gradients(add(reduceMean(y), reduceMean(topKValues(stopGradient(y), { k: 2 }))), [
      y,
    ]);
    expect(dy!.shape).toEqual(y.shape);
  });
});
