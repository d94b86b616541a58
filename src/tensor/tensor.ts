/** @file Host tensors: a dtype, a shape and a row-major typed array. Plain data. */

import { ShapeError } from "../errors/index.ts";
import { allocate, type DataOf, type DType } from "./dtype.ts";
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
 * @throws ShapeError "shape/elements" if the data's length is not the shape's element count
 */
export function tensor<D extends DType>(dtype: D, shape: Shape, data: DataOf[D]): Tensor<D> {
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
