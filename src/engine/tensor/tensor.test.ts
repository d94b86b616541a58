import { expect, test } from "vitest";
import { type DataOf, type DType, dtypes, tensor, zeros } from "./index.ts";

/** As JavaScript callers give it, whom no type holds back. */
const untyped = tensor as (dtype: string, shape: readonly number[], data: unknown) => unknown;

test("every dtype takes its own array", () => {
  for (const dtype of dtypes) {
    const { data } = zeros(dtype, [2, 0, 3]);
    expect(tensor<DType>(dtype, [0], data as DataOf[DType]).data).toBe(data);
  }
});

test.each([
  [
    ["int32", [2], Float32Array.of(1, 2)],
    "dtype/array",
    "tensor: int32 elements must be in one Int32Array, got a value of type Float32Array. Convert the data, or name their own element type.",
  ],
  [
    ["float16", [2], Float32Array.of(1, 2)],
    "dtype/array",
    "tensor: float16 elements must be in one Uint16Array, got a value of type Float32Array. Convert the data, or name their own element type.",
  ],
  [
    ["float32", [2], [1, 2]],
    "dtype/array",
    "tensor: float32 elements must be in one Float32Array, got a value of type Array. Convert the data, or name their own element type.",
  ],
  [
    ["double", [2], Float64Array.of(1, 2)],
    "dtype/unsupported",
    "tensor: the element type must be one of float32, float64, float16, int8, uint8, int32, uint32, int64, bool, got double. Name one of these.",
  ],
  [
    ["float32", [-1, -2], Float32Array.of(1, 2)],
    "shape/size",
    "tensor: sizes of axes must be whole numbers, 0 or more, got [-1, -2]. Correct the shape.",
  ],
  [
    ["float32", [0.5, 4], Float32Array.of(1, 2)],
    "shape/size",
    "tensor: sizes of axes must be whole numbers, 0 or more, got [0.5, 4]. Correct the shape.",
  ],
  [
    ["float32", [3], Float32Array.of(1, 2)],
    "shape/elements",
    "tensor: data must hold the 3 elements of shape [3], got 2 elements. Correct the shape or the data.",
  ],
] as const)("refused: %#", ([dtype, shape, data], code, message) => {
  expect(() => untyped(dtype, shape, data)).toThrowError(
    expect.objectContaining({ code, message }),
  );
});
