/**
 * @file Functions of one element: any composition of element-wise operators and numbers that starts
 * from one value becomes one table of 256 entries. Hard-swish, sigmoid and tanh are such.
 */

import type { Value } from "../../../engine/graph/index.ts";
import type { OpName } from "../../../engine/ops/index.ts";
import { constantData } from "../fold-batch-norm.ts";
import type { FloatLookup } from "./float-layer.ts";
import { type Lowering, refusal } from "./lowering.ts";

type Evaluate = (operands: readonly number[], value: Value) => number;

const first = (apply: (x: number) => number): Evaluate => {
  return (operands) => apply(operands[0]!);
};
const both = (apply: (a: number, b: number) => number): Evaluate => {
  return (operands) => apply(operands[0]!, operands[1]!);
};

const functions: Partial<Record<OpName, Evaluate>> = {
  abs: first(Math.abs),
  add: both((a, b) => a + b),
  clip: ([x], { attrs }) => Math.min(Math.max(x!, Number(attrs.min)), Number(attrs.max)),
  div: both((a, b) => a / b),
  erf: first(erf),
  exp: first(Math.exp),
  leakyRelu: ([x], { attrs }) => (x! < 0 ? x! * Number(attrs.alpha) : x!),
  maximum: both(Math.max),
  minimum: both(Math.min),
  mul: both((a, b) => a * b),
  neg: first((x) => -x),
  relu: first((x) => Math.max(x, 0)),
  relu6: first((x) => Math.min(Math.max(x, 0), 6)),
  sigmoid: first((x) => 1 / (1 + Math.exp(-x))),
  softplus: first((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  sub: both((a, b) => a - b),
  tanh: first(Math.tanh),
};

/** within 1.5e-7. @see Abramowitz, Stegun (1964), Handbook of Mathematical Functions, 7.1.26 */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const terms = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const sum = terms.reduceRight((rest, term) => t * (term + rest), 0);
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

function functionOf(value: Value): Evaluate | undefined {
  return Object.hasOwn(functions, value.op) ? functions[value.op as OpName] : undefined; // own key
}

/** @returns the number that a constant of one element holds */
export function numberOf(value: Value): number | undefined {
  const data = constantData(value);
  return data?.length === 1 ? data[0] : undefined;
}

/** every value that `root` needs, from `root` down to `source`, each after its readers */
function regionSource(root: Value): Value | undefined {
  const order = new Map<Value, number>();
  const number = (value: Value): number => {
    const known = order.get(value);
    if (known !== undefined) return known;
    const depth = 1 + Math.max(-1, ...value.inputs.map(number));
    order.set(value, depth);
    return depth;
  };
  const frontier = new Set<Value>([root]);
  for (let expand: Value | undefined = root; expand !== undefined; ) {
    if (functionOf(expand) === undefined) return undefined;
    frontier.delete(expand);
    for (const operand of expand.inputs) if (numberOf(operand) === undefined) frontier.add(operand);
    if (frontier.size <= 1) return [...frontier][0];
    expand = [...frontier].toSorted((a, b) => number(b) - number(a))[0];
  }
  return undefined;
}

/** @returns the lookup that makes `value` from one other value of its shape, or undefined */
export function unaryLayer(value: Value): FloatLookup | undefined {
  const source = regionSource(value);
  if (source === undefined || source.shape.join() !== value.shape.join()) return undefined;
  const evaluate = (at: Value, x: number): number => {
    if (at === source) return x;
    const fixed = numberOf(at);
    if (fixed !== undefined) return fixed;
    return functionOf(at)!(
      at.inputs.map((operand) => evaluate(operand, x)),
      at,
    ); // in the region
  };
  return { kind: "lookup", inputs: [source], output: value, apply: (x) => evaluate(value, x) };
}

/** For an operator that has an int8 form only as a function of one element. */
export const lowerUnary: Lowering = (value) => {
  const layer = unaryLayer(value);
  if (layer === undefined)
    throw refusal(
      value,
      `${value.op} must be a function of one activation and numbers`,
      value.inputs.map(({ op }) => op).join(" and "),
      "Combine two activations by add or concat; scale channels by batch normalisation",
    );
  return layer;
};
