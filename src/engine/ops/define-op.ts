/**
 * @file What an operator is: one object that holds its shape rule, its derivative and its ONNX
 * form.
 */

import { type Attrs, constant, makeNode, type TensorType, type Value } from "../graph/index.ts";
import { type DType, type Shape, scalar, type Tensor } from "../tensor/index.ts";
import { assertHolds } from "./assert.ts";
import type { Conv2dOptions } from "./conv2d-rule.ts";
import type { Emit } from "./emit.ts";
import type { Size2d, Window } from "./window.ts";

type Unary = (x: Value) => Value;
type Sizes = readonly number[];
type Binary = (a: Operand, b: Operand) => Value;

/**
 * The operators that derivative rules are written in. Rules are given them, since operators that
 * are each other's derivatives cannot import each other.
 */
export interface DerivativeOps {
  readonly add: Binary;
  readonly and: (a: Value, b: Value) => Value;
  readonly batchNormalization: (
    ...inputs: [Value, Value, Value, Value, Value, { readonly epsilon?: number }]
  ) => Value;
  readonly cast: (x: Value, dtype: DType) => Value;
  readonly conv2d: (x: Value, kernel: Value, options: Conv2dOptions) => Value;
  readonly conv2dInputGrad: (dy: Value, kernel: Value, size: Size2d, of: Conv2dOptions) => Value;
  readonly conv2dWeightGrad: (x: Value, dy: Value, kernel: Size2d, of: Conv2dOptions) => Value;
  readonly div: Binary;
  readonly equal: Binary;
  readonly exp: Unary;
  readonly expand: (x: Value, shape: Shape) => Value;
  readonly fakeQuantize: (
    ...of: [x: Value, scale: Operand, zeroPoint: Operand, { min: number; max: number }]
  ) => Value;
  readonly gather: (x: Value, indices: Value, axis?: number) => Value;
  readonly gatherGrad: (dy: Value, indices: Value, of: { axis: number; size: number }) => Value;
  readonly gemm: (a: Value, b: Value, of: { transA?: boolean; transB?: boolean }) => Value;
  readonly greater: Binary;
  readonly greaterOrEqual: Binary;
  readonly heaviside: Unary;
  readonly less: Binary;
  readonly matMul: (a: Value, b: Value) => Value;
  readonly maxPoolGrad: (x: Value, dy: Value, window: Window) => Value;
  readonly mul: Binary;
  readonly neg: Unary;
  readonly pad: (x: Value, by: { before: Sizes; after: Sizes }) => Value;
  readonly pow: (x: Value, exponent: number) => Value;
  readonly reduceSum: (x: Value, over: { axes: Sizes; keepDims?: boolean }) => Value;
  readonly reshape: (x: Value, shape: Shape) => Value;
  readonly sigmoid: Unary;
  readonly slice: (x: Value, of: { starts: Sizes; ends: Sizes; axes?: Sizes }) => Value;
  readonly sqrt: Unary;
  readonly sub: Binary;
  readonly transpose: (x: Value, perm?: Sizes) => Value;
  readonly where: (condition: Value, a: Operand, b: Operand) => Value;
}

/** What a derivative rule is given. */
export interface VjpContext<A extends Attrs> {
  readonly inputs: readonly Value[];
  readonly attrs: A;
  readonly output: Value;
  /** gradient of the loss with respect to the output; same shape and dtype as the output */
  readonly cotangent: Value;
  readonly ops: DerivativeOps;
}

/**
 * Vector-Jacobian product: one cotangent per input, or null where none flows. A cotangent may have
 * the broadcast shape instead of the input's: the reverse walk sums it back.
 */
export type Vjp<A extends Attrs> = (context: VjpContext<A>) => readonly (Value | null)[];

/** Why an operator has no derivative: it is 0 almost everywhere, or it is not built. */
export interface NoGradient {
  readonly noGradient: string;
  /** operands of which it is not 0, but not built: no gradient may come to them; default none */
  readonly unbuilt?: readonly number[];
}

export interface OnnxContext<A extends Attrs> {
  readonly node: Value;
  readonly attrs: A;
  /** ONNX names of the operands */
  readonly inputs: readonly string[];
  readonly emit: Emit;
  /** which of the operator's `forms` to emit; the first one if nothing was measured */
  readonly form: string;
}

export interface OpDefinition<A extends Attrs = Attrs> {
  readonly name: string;
  /** dtype and shape of the result; throws for every input that the operator refuses */
  readonly infer: (inputs: readonly TensorType[], attrs: A) => TensorType;
  readonly vjp: Vjp<A> | NoGradient;
  /** no gradient passes, by intent */
  readonly cutsGradient?: boolean;
  /** emits ONNX nodes (opset 18); returns the name of the result */
  readonly toOnnx: (context: OnnxContext<A>) => string;
  /** result element i depends on operand elements i only, after broadcasting */
  readonly elementwise?: boolean;
  /** same result if the two operands change places */
  readonly commutative?: boolean;
  /** alternative ONNX forms to choose from by measurement, default first */
  readonly forms?: readonly string[];
}

/** An operator: call it to make a node. */
export type Op<Args extends readonly unknown[]> = ((...args: Args) => Value) & {
  readonly definition: OpDefinition;
};

/** Sorts an operator's arguments into graph inputs and attributes. */
export type ArgumentsOf<Args extends readonly unknown[], A extends Attrs> = (...args: Args) => {
  readonly inputs: readonly Value[];
  readonly attrs: A;
};

/**
 * Makes an operator. Everything about it is in the one object; the call checks its arguments by
 * `infer` and returns a node.
 *
 * @param spec.arguments sorts call arguments into inputs and attributes
 */
export function defineOp<Args extends readonly unknown[], A extends Attrs>(
  spec: OpDefinition<A> & { readonly arguments: ArgumentsOf<Args, A> },
): Op<Args> {
  const { arguments: sort, ...definition } = spec;
  const call = (...args: Args): Value => {
    const { inputs, attrs } = sort(...args);
    return makeNode(spec.name, inputs, attrs, spec.infer(inputs, attrs));
  };
  // A node's attrs were made by this operator's own `arguments`, so its rules may narrow them from
  // Attrs to A.
  return Object.assign(call, { definition: definition as unknown as OpDefinition });
}

/**
 * Operand that may be written as a number: it becomes a scalar constant of the other operand's
 * dtype, which must be able to hold it.
 */
export type Operand = Value | number;

/**
 * @param where who asks, for the message
 * @returns `operand` as a value of dtype `dtype`; a tensor stays what it is
 * @throws DTypeError "dtype/number" for a number that the dtype cannot hold
 */
export function asValue(operand: Operand, dtype: DType, where = "asValue"): Value {
  return typeof operand === "number" ? constant(numberTensor(operand, dtype, where)) : operand;
}

/**
 * @param where who asks, for the message
 * @returns a rank-0 tensor of any dtype
 * @throws DTypeError "dtype/number" unless an integer dtype's number is whole and in its range, a
 *   bool's 0 or 1; a float takes every number
 */
export function numberTensor(value: number, dtype: DType, where = "numberTensor"): Tensor {
  assertHolds(where, dtype, value);
  if (dtype === "int64") return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
  return scalar(dtype, value);
}
