/**
 * @file Graphs drawn at random from the operators that have a derivative, with values that stay
 * away from kinks and grow no larger than a few units.
 */

import { input, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import { add, mul, reduceMean, tanh } from "../../src/engine/ops/index.ts";
import { elementCount, randomStream } from "../../src/engine/tensor/index.ts";
import { evaluateValues, type ReferenceTensor } from "../reference/evaluate.ts";
import { type Choice, choices } from "./random-graph-choices.ts";

/** One node to be: which operator, which operands, which variant of its attributes. */
export interface Draw {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly variant: number;
}

const builders = Object.values(choices);
/** Nothing nearer to a kink; differences step 1e-4 at most. */
const kinkDistance = 0.02;
const largest = 4;
const mostElements = 24;

export interface RandomGraph {
  readonly inputs: readonly Value[];
  readonly feeds: ReadonlyMap<Value, ReferenceTensor>;
  /** a scalar that depends on every node drawn */
  readonly loss: Value;
  /**
   * the same scalar as derivatives see it: what stopGradient holds stays, and rounding adds a
   * number that stays. Its own feeds hold those
   */
  readonly seen: { readonly loss: Value; readonly feeds: RandomGraph["feeds"] };
}

/** @returns the graph of these draws, a function of draws and seed alone */
export function randomGraph(draws: readonly Draw[], seed: number): RandomGraph {
  const { normal } = randomStream("random graph", seed);
  const inputs = [[2, 3], [3], [2, 1], []].map((shape, i) => input(`x${i}`, "float32", shape));
  const known = new Map<Value, ReferenceTensor>();
  for (const { shape, ...rest } of inputs)
    known.set(inputs.find(({ name }) => name === rest.name)!, {
      shape,
      data: Float64Array.from({ length: elementCount(shape) }, normal),
    });
  const feeds = new Map(known);
  const pool = [...inputs];
  const unused = new Set<Value>();
  for (const { op, a, b, variant } of draws) {
    const x = pool[a % pool.length]!;
    const partners = pool.filter((value) => canBroadcast(value, x));
    const y = partners[b % partners.length]!;
    const next = safely(builders[op % builders.length]!, x, y, variant, known);
    for (const value of topologicalOrder([next])) unused.delete(value);
    unused.add(next);
    pool.push(next);
  }
  const terms = [...unused].map((value, i) => mul(reduceMean(value), 1 + i / 8));
  const loss = terms.reduce((sum, term) => add(sum, term));
  return { inputs, feeds, loss, seen: asDerivativesSee(loss, feeds) };
}

/** stopGradient(x) → x's value; fakeQuantize(x, s, z) → x + s · (its value of round − identity). */
function asDerivativesSee(loss: Value, feeds: RandomGraph["feeds"]): RandomGraph["seen"] {
  const order = topologicalOrder([loss]);
  const results = evaluateValues(order, feeds);
  const resultOf = (value: Value): ReferenceTensor => results[order.indexOf(value)]!;
  const fed = new Map(feeds);
  const held = (shape: Value["shape"], data: Float64Array): Value => {
    const placeholder = input(`held${fed.size}`, "float32", shape);
    fed.set(placeholder, { shape, data });
    return placeholder;
  };
  const replaced = new Map<Value, Value>();
  for (const value of order) {
    const inputs = value.inputs.map((operand) => replaced.get(operand) ?? operand);
    if (value.op === "stopGradient") replaced.set(value, held(value.shape, resultOf(value).data));
    else if (value.op === "fakeQuantize") {
      const { share, steps } = quantizing(value, value.inputs.map(resultOf));
      const moving = mul(inputs[0]!, held(value.shape, share));
      replaced.set(value, add(moving, mul(inputs[1]!, held(value.shape, steps))));
    } else if (inputs.some((operand, position) => operand !== value.inputs[position]))
      replaced.set(value, Object.freeze({ ...value, inputs }));
  }
  return { loss: replaced.get(loss) ?? loss, feeds: fed };
}

/** y = share · x + steps · scale, with share 1 inside the limits and 0 outside. */
function quantizing({ attrs }: Value, [x, scale, zeroPoint]: readonly ReferenceTensor[]) {
  const [s, z] = [scale!.data[0]!, zeroPoint!.data[0]!]; // scalars, as the choices make them
  const [min, max] = [Number(attrs.min), Number(attrs.max)];
  const integers = x!.data.map((element) => Math.round(element / s) + z);
  const share = integers.map((q) => (q >= min && q <= max ? 1 : 0));
  const steps = integers.map((q, i) =>
    share[i] === 1 ? q - z - x!.data[i]! / s : Math.min(Math.max(q, min), max) - z,
  );
  return { share, steps };
}

/** Builds the node if its values are tame; tanh of the operand if they are not. */
function safely(
  { build, kinks, tiesMatter = false }: Choice,
  x: Value,
  y: Value,
  variant: number,
  known: Map<Value, ReferenceTensor>,
): Value {
  const wanted = build(x, y, variant);
  const candidate = elementCount(wanted.shape) <= mostElements ? wanted : tanh(x);
  const watched = kinks?.(x, y) ?? [];
  const [value, ...distances] = evaluateValues([candidate, ...watched], known);
  const tame =
    value!.data.every((element) => Math.abs(element) <= largest) &&
    distances.every(({ data }) => data.every((element) => Math.abs(element) > kinkDistance)) &&
    !(tiesMatter && hasTies(known.get(x)!.data));
  const chosen = tame ? candidate : tanh(x);
  for (const inner of topologicalOrder([chosen]))
    if (!known.has(inner)) known.set(inner, evaluateValues([inner], known)[0]!);
  return chosen;
}

function hasTies(data: Float64Array): boolean {
  const sorted = data.slice().sort();
  return sorted.some((element, i) => i > 0 && element - sorted[i - 1]! <= kinkDistance);
}

function canBroadcast(a: Value, b: Value): boolean {
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizes = Array.from({ length: rank }, (_, fromEnd) => {
    const [left, right] = [a.shape.at(-1 - fromEnd) ?? 1, b.shape.at(-1 - fromEnd) ?? 1];
    return left === right || left === 1 || right === 1 ? Math.max(left, right) : Number.NaN;
  });
  return sizes.reduce((product, size) => product * size, 1) <= mostElements; // NaN never is
}
