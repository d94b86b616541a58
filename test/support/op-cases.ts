/**
 * @file The form of an operator's test cases: inputs only. Expected values come from PyTorch and
 * from derivative checks.
 */

import type { Attrs, Value } from "../../src/engine/graph/index.ts";
import type { OpDefinition } from "../../src/engine/ops/index.ts";
import {
  elementCount,
  float32,
  permutation,
  randomStream,
  type Shape,
  type Tensor,
  tensor,
} from "../../src/engine/tensor/index.ts";

/**
 * How far a float32 result of the runtime may be from the float64 reference: |difference| ≤ atol +
 * rtol · |expected|.
 */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
  /** where the error comes from */
  readonly why: string;
}

/**
 * One application of the operator. Every check runs on every sample unless the sample says why not.
 */
export interface OpSample {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** applies the operator; may be left out if it takes the inputs and nothing else */
  readonly build?: (...values: Value[]) => Value;
  readonly tolerance: Tolerance;
  /** for the gradient, if it needs another tolerance than the value */
  readonly gradientTolerance?: Tolerance;
  /**
   * for value and gradient against other software in float64, where the graph holds a number that
   * float32 rounds
   */
  readonly goldenTolerance?: Tolerance;
  /** why no gradient is checked at all */
  readonly noGradientCheck?: string;
  /**
   * why central differences do not apply (a kink, a tie); the gradient is then checked against
   * PyTorch only
   */
  readonly noDifferences?: string;
  /** why there is no independent value */
  readonly noGolden?: string;
  /** why the runtime is not asked */
  readonly noRuntime?: string;
}

/** A call that the operator must refuse. */
export interface OpError {
  readonly name: string;
  readonly build: () => Value;
  readonly code: string;
  readonly message: string;
}

export interface OpCases {
  readonly op: string;
  readonly call: (...values: Value[]) => Value;
  readonly samples: readonly OpSample[];
  readonly errors: readonly OpError[];
}

/** @returns the cases of one operator, which the runner in test/ops/ops.test.ts goes through */
export function opCases(
  op: { readonly definition: OpDefinition<Attrs> },
  { samples, errors = [] }: { samples: readonly OpSample[]; errors?: readonly OpError[] },
): OpCases {
  const call = op as unknown as OpCases["call"]; // samples without `build` are those whose operator takes values only
  return { op: op.definition.name, call, samples, errors };
}

/** The value must be exact: no arithmetic, or arithmetic on small whole numbers. */
export const exact: Tolerance = {
  rtol: 0,
  atol: 0,
  why: "elements are moved, compared or counted",
};

/**
 * @returns a tolerance relative to the result, a few units in the last place of float32 (6e-8 each)
 */
export function relative(rtol: number, why: string): Tolerance {
  return { rtol, atol: 1e-30, why };
}

/** One correctly rounded float32 operation: half a unit in the last place, 6e-8. */
export const rounded: Tolerance = relative(1.2e-7, "one float32 rounding");

/** @returns float32 elements uniform in [low, high), a function of shape, bounds and key */
export function uniform(shape: Shape, low: number, high: number, key = 0): Tensor<"float32"> {
  const stream = randomStream("op-cases", low, high, key, ...shape);
  return float32(
    shape,
    Array.from({ length: elementCount(shape) }, () => low + (high - low) * stream.uniform()),
  );
}

/**
 * @returns float32 elements evenly spaced over (low, high), shuffled: all differ by at least (high
 *   − low) / count, and none is nearer to the middle than half of that if the count is even
 */
export function spaced(shape: Shape, low: number, high: number, key = 0): Tensor<"float32"> {
  const count = elementCount(shape);
  const order = permutation(count, "op-cases", key, ...shape);
  return float32(
    shape,
    Array.from(order, (place) => low + ((place + 0.5) * (high - low)) / count),
  );
}

/** @returns an int64 tensor from numbers */
export function int64(shape: Shape, values: readonly number[]): Tensor<"int64"> {
  return tensor("int64", shape, BigInt64Array.from(values, BigInt));
}

/** @returns an int32 tensor from numbers */
export function int32(shape: Shape, values: readonly number[]): Tensor<"int32"> {
  return tensor("int32", shape, Int32Array.from(values));
}

/** @returns a bool tensor from zeros and ones */
export function bool(shape: Shape, values: readonly number[]): Tensor<"bool"> {
  return tensor("bool", shape, Uint8Array.from(values));
}

/** @returns a float64 copy, for samples that show that an operator takes float64 */
export function float64(x: Tensor<"float32">): Tensor<"float64"> {
  return tensor("float64", x.shape, Float64Array.from(x.data));
}
