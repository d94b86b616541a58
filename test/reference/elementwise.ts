/** @file Float64 references of elementwise operators. */

import { hashUniformValues } from "../../src/engine/ops/index.ts";
import { elementCount, isFloat } from "../../src/engine/tensor/index.ts";
import { at, build, elementwiseReference, type Reference } from "./loops.ts";

/**
 * erf x = 2/√π · exp(−x²) · Σₙ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)). Beyond 6, 1 − erf x is below
 * float64's rounding.
 *
 * @see Abramowitz, Stegun (1964), Handbook of Mathematical Functions, 7.1.6
 */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function roundHalfToEven(number: number): number {
  const low = Math.floor(number);
  if (number - low !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1;
}

export const elementwise = {
  abs: elementwiseReference((x) => Math.abs(x)),
  add: elementwiseReference((a, b) => a + b),
  and: elementwiseReference((a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
  cast: ([x], _attrs, { dtype }) => {
    const convert = (element: number): number => {
      if (isFloat(dtype)) return element;
      if (dtype === "bool") return element === 0 ? 0 : 1;
      return Math.trunc(element);
    };
    return { shape: x!.shape, data: x!.data.map(convert) };
  },
  clip: ([x], attrs, { shape }) => {
    const { min, max } = attrs as { min: number; max: number }; // as the operator puts them there
    return { shape, data: x!.data.map((element) => Math.min(Math.max(element, min), max)) };
  },
  div: (inputs, attrs, output) => {
    const divide = (a: number, b: number) => (isFloat(output.dtype) ? a / b : Math.trunc(a / b));
    return elementwiseReference(divide)(inputs, attrs, output);
  },
  equal: elementwiseReference((a, b) => (a === b ? 1 : 0)),
  erf: elementwiseReference(errorFunction),
  exp: ([x]) => ({
    shape: x!.shape,
    data: x!.data.map(Math.exp),
  }),
  fakeQuantize: ([x, scale, zeroPoint], attrs, { shape }) => {
    const { min, max } = attrs as { min: number; max: number }; // as the operator puts them there
    return build(shape, (index) => {
      const zero = at(zeroPoint!, index);
      const integer = roundHalfToEven(at(x!, index) / at(scale!, index)) + zero;
      return (Math.min(Math.max(integer, min), max) - zero) * at(scale!, index);
    });
  },
  greater: elementwiseReference((a, b) => (a > b ? 1 : 0)),
  greaterOrEqual: elementwiseReference((a, b) => (a >= b ? 1 : 0)),
  hashUniform: ([seed], attrs, { shape }) => {
    const into = new Float64Array(elementCount(shape));
    // attrs as the operator puts them there
    return { shape, data: hashUniformValues(seed!.data[0]!, attrs.stream as number, into) };
  },
  heaviside: elementwiseReference((x) => (x > 0 ? 1 : 0)),
  isFiniteNumber: elementwiseReference((x) => (Number.isFinite(x) ? 1 : 0)),
  leakyRelu: ([x], attrs, { shape }) => {
    const alpha = attrs.alpha as number; // as the operator puts it there
    return { shape, data: x!.data.map((element) => (element > 0 ? element : alpha * element)) };
  },
  less: elementwiseReference((a, b) => (a < b ? 1 : 0)),
  log: elementwiseReference((x) => Math.log(x)),
  maximum: elementwiseReference((a, b) => Math.max(a, b)),
  minimum: elementwiseReference((a, b) => Math.min(a, b)),
  mul: elementwiseReference((a, b) => a * b),
  neg: elementwiseReference((x) => -x),
  not: elementwiseReference((x) => (x === 0 ? 1 : 0)),
  pow: ([x], attrs, { shape }) => {
    const exponent = attrs.exponent as number; // as the operator puts it there
    return { shape, data: x!.data.map((element) => element ** exponent) };
  },
  relu: elementwiseReference((x) => Math.max(x, 0)),
  relu6: elementwiseReference((x) => Math.min(Math.max(x, 0), 6)),
  sigmoid: elementwiseReference((x) => 1 / (1 + Math.exp(-x))),
  softplus: elementwiseReference((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  sqrt: elementwiseReference((x) => Math.sqrt(x)),
  stopGradient: elementwiseReference((x) => x),
  sub: elementwiseReference((a, b) => a - b),
  tanh: elementwiseReference((x) => Math.tanh(x)),
  where: elementwiseReference((condition, a, b) => (condition === 0 ? b : a)),
} satisfies Record<string, Reference>;
