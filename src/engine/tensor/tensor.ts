/** @file Host tensors: a dtype, a shape and a row-major typed array. Plain data. */

import { DTypeError, ShapeError } from "../../errors/index.ts";
import {
  allocate,
  arrayName,
  arrayNameOf,
  type DataOf,
  type DType,
  dtypes,
  isDType,
} from "./dtype.ts";
import { float16FromFloat32 } from "./float16.ts";
import { elementCount, type Shape, showShape } from "./shape.ts";

/** A tensor in host memory. `data` is row-major and holds exactly the elements of `shape`. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: DataOf[D];
}

/**
 * Pairs data with a shape.
 *
 * @throws DTypeError "dtype/unsupported" for another element type; "dtype/array" if the data are
 *   not its typed array (`DataOf`); ShapeError "shape/size" for sizes that are not whole numbers,
 *   0 or more; "shape/elements" if the data's length is not the shape's element count
 */
export function tensor<D extends DType>(dtype: D, shape: Shape, data: DataOf[D]): Tensor<D> {
  assertArray(dtype, data);
  assertSizes(shape);
  if (data.length !== elementCount(shape))
    throw new ShapeError("shape/elements", {
      where: "tensor",
      rule: `data must hold the ${elementCount(shape)} elements of shape ${showShape(shape)}`,
      got: `${data.length} elements`,
      fix: "Correct the shape or the data",
      details: { shape, elements: data.length },
    });
  return { dtype, shape, data };
}

function assertArray(dtype: DType, data: unknown): void {
  if (!isDType(dtype))
    throw new DTypeError("dtype/unsupported", {
      where: "tensor",
      rule: `the element type must be one of ${dtypes.join(", ")}`,
      got: String(dtype),
      fix: "Name one of these",
      details: { dtype },
    });
  const [wanted, got] = [arrayNameOf(dtype), arrayName(data)];
  if (got === wanted) return;
  throw new DTypeError("dtype/array", {
    where: "tensor",
    rule: `${dtype} elements must be in one ${wanted}`,
    got: `a value of type ${got}`,
    fix: "Convert the data, or name their own element type",
    details: { dtype, wanted, got },
  });
}

function assertSizes(shape: Shape): void {
  if (shape.every((size) => Number.isInteger(size) && size >= 0)) return;
  throw new ShapeError("shape/size", {
    where: "tensor",
    rule: "sizes of axes must be whole numbers, 0 or more",
    got: showShape(shape),
    fix: "Correct the shape",
    details: { shape },
  });
}

/** @returns a zeroed tensor */
export function zeros<D extends DType>(dtype: D, shape: Shape): Tensor<D> {
  return { dtype, shape, data: allocate(dtype, elementCount(shape)) };
}

/** @returns a float32 tensor from numbers */
export function float32(shape: Shape, values: ArrayLike<number>): Tensor<"float32"> {
  return tensor("float32", shape, Float32Array.from(values));
}

/** @returns a rank-0 tensor */
export function scalar<D extends Exclude<DType, "int64">>(dtype: D, value: number): Tensor<D> {
  const one = zeros(dtype, []);
  const bits = dtype === "float16" ? float16FromFloat32(value) : value;
  (one.data as Exclude<DataOf[DType], BigInt64Array>)[0] = bits; // int64 is excluded by the type
  return one;
}
