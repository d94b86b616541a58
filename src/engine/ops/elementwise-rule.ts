/** @file Type rules of element-wise operators: which dtypes they take, and the broadcast shape. */

import { ConfigError, DTypeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { broadcastShape, type DType, type Shape } from "../tensor/index.ts";
import { assertFloat, assertSameDType } from "./assert.ts";
import { asValue, defineOp, type Op, type OpDefinition, type Operand } from "./define-op.ts";

/** The dtypes that ONNX Runtime adds, multiplies and compares. */
export const arithmeticDTypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "int32",
  "int64",
];

/** @returns the dtype. @throws DTypeError "dtype/unsupported" unless it is one of `allowed` */
export function assertDType(where: string, value: TensorType, allowed: readonly DType[]): DType {
  if (!allowed.includes(value.dtype))
    throw new DTypeError("dtype/unsupported", {
      where,
      rule: `the dtype must be ${allowed.length === 1 ? "" : "one of "}${allowed.join(", ")}`,
      got: value.dtype,
      fix: "Cast the operand first",
      details: { dtype: value.dtype, allowed },
    });
  return value.dtype;
}

/** @returns the type of an element-wise operator of two operands with one dtype out of `allowed` */
export function binaryType(
  where: string,
  a: TensorType,
  b: TensorType,
  allowed: readonly DType[] = arithmeticDTypes,
): TensorType {
  const dtype = assertSameDType(where, a, b);
  assertDType(where, a, allowed);
  return { dtype, shape: broadcastShape(where, a.shape, b.shape) };
}

/** @returns whether a tensor of shape `from` can be stretched to `to` */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((size, axis) => size === 1 || size === to[axis + lead]);
}

/**
 * @returns two operands as values: a number takes the other's dtype, two numbers are float32
 * @throws DTypeError "dtype/number" for a number that the other's dtype cannot hold
 */
export function operandPair(where: string, a: Operand, b: Operand): readonly [Value, Value] {
  if (typeof a !== "number") return [a, asValue(b, a.dtype, where)];
  if (typeof b !== "number") return [asValue(a, b.dtype, where), b];
  return [asValue(a, "float32"), asValue(b, "float32")];
}

/**
 * @throws ConfigError "config/range" unless all are finite; the keys of `numbers` name them in the
 *   message
 */
export function assertFinite(where: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers))
    if (!Number.isFinite(value))
      throw new ConfigError("config/range", {
        where,
        rule: `${name} must be a finite number`,
        got: String(value),
        fix: "Give an ordinary number",
        details: { [name]: value },
      });
}

/** What is particular to one operator element by element. */
interface Elementwise {
  readonly name: string;
  /** ONNX's name */
  readonly type: string;
  readonly vjp: OpDefinition["vjp"];
  /** that it takes */
  readonly dtypes?: readonly DType[];
  readonly commutative?: boolean;
}

/** @returns the operator; it takes floats unless it says otherwise */
export function defineUnary({ type, dtypes, ...of }: Elementwise): Op<[x: Value]> {
  return defineOp({
    ...of,
    arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
    infer: ([x]) => ({
      shape: x!.shape,
      dtype: dtypes ? assertDType(of.name, x!, dtypes) : assertFloat(of.name, x!),
    }),
    toOnnx: ({ emit, inputs }) => emit.node(type, inputs),
    elementwise: true,
  });
}

/** @returns the operator, of two operands that broadcast */
export function defineBinary(
  { type, dtypes, ...of }: Elementwise,
  result?: "bool",
): Op<[a: Operand, b: Operand]> {
  return defineOp({
    ...of,
    arguments: (a: Operand, b: Operand) => ({ inputs: operandPair(of.name, a, b), attrs: {} }),
    infer: ([a, b]) => {
      const type = binaryType(of.name, a!, b!, dtypes);
      return { ...type, dtype: result ?? type.dtype };
    },
    toOnnx: ({ emit, inputs }) => emit.node(type, inputs),
    elementwise: true,
  });
}

/** @returns the operator, which gives bools */
export function defineComparison(of: Omit<Elementwise, "vjp">): Op<[a: Operand, b: Operand]> {
  return defineBinary(
    { ...of, vjp: { noGradient: "a comparison is constant almost everywhere" } },
    "bool",
  );
}
