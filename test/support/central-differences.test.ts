/** @file The derivative checker must see the mistakes that people make in derivatives. */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import {
  expand,
  logSoftmax,
  matMul,
  mul,
  reduceSum,
  reshape,
  slice,
  sub,
} from "../../src/engine/ops/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { wrongDerivative } from "./central-differences.ts";
import { uniform } from "./op-cases.ts";

const x = input("x", "float32", [3, 4]);
const row = input("row", "float32", [4]);
const square = input("square", "float32", [4, 4]);
const feeds = new Map(
  [x, row, square].map((value, key) => [value, referenceTensor(uniform(value.shape, 0.5, 2, key))]),
);

/** Checks gradient values, right or wrong, of a loss. */
function check(loss: Value, wrt: readonly Value[], claimed: readonly Value[]): string | null {
  return wrongDerivative({
    value: (inputs) => {
      const moved = wrt.map(
        (value, i) => [value, { shape: value.shape, data: inputs[i]! }] as const,
      );
      return evaluateValues([loss], new Map([...feeds, ...moved]))[0]!.data[0]!;
    },
    inputs: wrt.map((value) => feeds.get(value)!.data),
    gradient: evaluateValues(claimed, feeds).map(({ data }) => data),
    seed: 5,
  });
}

describe("a right derivative passes", () => {
  it.each([
    ["broadcast product", reduceSum(mul(mul(x, row), x)), [x, row]],
    ["matrix product", reduceSum(mul(matMul(x, square), x)), [x, square]],
    ["softened cross-entropy", reduceSum(mul(logSoftmax(x), row)), [x]],
  ] as const)("%s", (_name, loss, wrt) => {
    expect(check(loss, wrt, gradients(loss, wrt))).toBeNull();
  });
});

describe("a wrong derivative is named", () => {
  const loss = reduceSum(mul(mul(x, x), row)); // Σ x² r: d/dx = 2 x r, d/dr = Σ_rows x²
  const toX = mul(mul(x, row), 2);

  it("a missing factor", () => {
    expect(check(loss, [x], [mul(x, row)])).toMatch(
      /^along random direction 0 \(seed 5\) the gradient says .*, differences say /,
    );
  });

  it("a factor that is one thousandth off", () => {
    expect(check(loss, [x], [mul(toX, 1.001)])).toMatch(/^along /);
  });

  it("a factor that is one hundred-thousandth off", () => {
    expect(check(loss, [x], [mul(toX, 1.00001)])).toMatch(/^along /);
  });

  it("broadcasting not undone: the shape is wrong", () => {
    expect(check(loss, [row], [mul(x, x)])).toBe("gradient 0 has 12 elements instead of 4");
  });

  it("broadcasting undone by taking the first row instead of the sum", () => {
    const first = reshape(slice(mul(x, x), { starts: [0], ends: [1] }), [4]);
    expect(check(loss, [row], [first])).toMatch(/^along /);
  });

  it("broadcasting undone by repeating the mean", () => {
    const mean = expand(mul(reduceSum(mul(x, x)), 1 / 4), [4]);
    expect(check(loss, [row], [mean])).toMatch(/^along /);
  });

  it("operands swapped", () => {
    const product = reduceSum(mul(x, mul(x, row)));
    expect(check(product, [x], [mul(x, x)])).toMatch(/^along /);
  });

  it("a matrix not transposed", () => {
    const product = reduceSum(mul(matMul(x, square), x));
    const [right] = gradients(product, [x]);
    const wrong = mul(matMul(x, square), 2); // the transposed term forgotten
    expect(check(product, [x], [right!])).toBeNull();
    expect(check(product, [x], [wrong])).toMatch(/^along /);
  });

  it("a sign", () => {
    expect(check(loss, [x], [sub(0, toX)])).toMatch(/^along /);
  });

  it("one element off by one ten-thousandth, which directions through all elements show", () => {
    const gradient = evaluateValues([toX], feeds)[0]!.data.slice();
    gradient[7] = gradient[7]! + 1e-4;
    const problem = wrongDerivative({
      value: ([data]) =>
        evaluateValues([loss], new Map([...feeds, [x, { shape: x.shape, data: data! }]]))[0]!
          .data[0]!,
      inputs: [feeds.get(x)!.data],
      gradient: [gradient],
      seed: 5,
    });
    expect(problem).toMatch(/^along random direction 0 /);
  });

  it.each([
    [0, 0],
    [0, 55],
    [1, 0],
    [1, 7],
  ])(
    "one element off by one ten-thousandth, named as that element: input %d, %d",
    (place, element) => {
      // Σ 20 x²: one direction through all 64 elements holds an eighth of the error, below what is
      // allowed to a gradient of this size
      const inputs = [uniform([7, 8], 0.5, 2), uniform([8], 0.5, 2)].map(({ data }) =>
        Float64Array.from(data),
      );
      const right = inputs.map((data) => data.map((each) => 40 * each));
      const gradient = right.map((data) => data.slice());
      gradient[place]![element]! += 1e-4;
      const value = (moved: readonly Float64Array[]): number =>
        moved.reduce((sum, data) => data.reduce((all, each) => all + 20 * each * each, sum), 0);
      expect(wrongDerivative({ value, inputs, gradient: right, seed: 5 })).toBeNull();
      expect(wrongDerivative({ value, inputs, gradient, seed: 5 })).toMatch(
        new RegExp(`^along element ${element} of input ${place} \\(seed 5\\) the gradient says `),
      );
    },
  );

  it("not a number", () => {
    const nowhere = new Float64Array(12).fill(Number.NaN);
    const value = (): number => 0;
    expect(
      wrongDerivative({ value, inputs: [new Float64Array(12)], gradient: [nowhere], seed: 5 }),
    ).toMatch(/^along random direction 0/);
  });
});
