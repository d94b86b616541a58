/** @file The checks that shape rules share; each names the operator, the rule and what it got. */

import { DTypeError, ShapeError } from "../../errors/index.ts";
import type { TensorType } from "../graph/index.ts";
import { type DType, isFloat, type Shape, sameShape, showShape } from "../tensor/index.ts";

/** @returns the dtype. @throws DTypeError "dtype/float" unless it is a float dtype */
export function assertFloat(where: string, value: TensorType): DType {
  if (!isFloat(value.dtype))
    throw new DTypeError("dtype/float", {
      where,
      rule: "the operand must be a float tensor",
      got: value.dtype,
      fix: 'Cast it first: cast(x, "float32")',
      details: { dtype: value.dtype },
    });
  return value.dtype;
}

/** What an element of a dtype without fractions may be, both ends included. */
const wholeRanges: Readonly<Partial<Record<DType, readonly [least: bigint, most: bigint]>>> = {
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  bool: [0n, 1n],
};

/**
 * @throws DTypeError "dtype/number" if elements of `dtype` cannot be `value`: float ones can be
 *   every number, rounded to the dtype; integers the whole numbers in their range, bools 0 and 1
 */
export function assertHolds(where: string, dtype: DType, value: number): void {
  const range = wholeRanges[dtype];
  if (range === undefined) return;
  const [least, most] = range;
  if (Number.isInteger(value) && BigInt(value) >= least && BigInt(value) <= most) return;
  throw new DTypeError("dtype/number", {
    where,
    rule: `a number beside ${dtype} elements must be a whole number from ${least} to ${most}`,
    got: String(value),
    fix: 'Give one, or cast the tensor first: cast(x, "float32")',
    details: { dtype, value },
  });
}

/** @returns the common dtype. @throws DTypeError "dtype/mismatch" unless all operands share it */
export function assertSameDType(where: string, ...values: readonly TensorType[]): DType {
  const [first] = values;
  const other = values.find((value) => value.dtype !== first!.dtype);
  if (other !== undefined)
    throw new DTypeError("dtype/mismatch", {
      where,
      rule: "operands must have one dtype",
      got: values.map((value) => value.dtype).join(" and "),
      fix: "Cast one of them: nothing is converted silently",
      details: { dtypes: values.map((value) => value.dtype) },
    });
  return first!.dtype;
}

/**
 * @throws ShapeError "shape/rank" unless the operand has exactly `rank` axes; `layout` says which
 *   ("[batch, channels, height, width]")
 */
export function assertRank(where: string, value: TensorType, rank: number, layout: string): void {
  if (value.shape.length !== rank)
    throw new ShapeError("shape/rank", {
      where,
      rule: `the operand must have ${rank} axes ${layout}`,
      got: showShape(value.shape),
      fix: "Reshape it",
      details: { shape: value.shape, rank },
    });
}

/**
 * @throws ShapeError "shape/mismatch" unless both have the same shape; the keys of `values` name
 *   them in the message
 */
export function assertSameShape(
  where: string,
  values: Readonly<Record<string, TensorType>>,
): Shape {
  const entries = Object.entries(values);
  const first = entries[0]![1];
  if (!entries.every(([, value]) => sameShape(value.shape, first.shape)))
    throw new ShapeError("shape/mismatch", {
      where,
      rule: `${entries.map(([name]) => name).join(" and ")} must have the same shape`,
      got: entries.map(([, value]) => showShape(value.shape)).join(" and "),
      fix: "Make the shapes agree",
      details: { shapes: entries.map(([, value]) => value.shape) },
    });
  return first.shape;
}
