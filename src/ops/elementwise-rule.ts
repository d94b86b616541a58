/** @file Type rules of element-wise operators: which dtypes they take, and the broadcast shape. */

import { DTypeError } from "../errors/index.ts";
import type { TensorType } from "../graph/index.ts";
import { broadcastShape, type DType } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";

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
      rule: `the dtype must be one of ${allowed.join(", ")}`,
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
