/**
 * @file An array as a file holds it, and its way to samples or labels. Conversions are asked for,
 * never silent.
 */

import type { SampleDType } from "../../engine/tensor/index.ts";
import {
  type DataOf,
  elementCount,
  type Shape,
  showShape,
  viewBytes,
} from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { ArrayOptions } from "./data-spec.ts";

/** Element types of files, in NumPy's words without the byte order. */
export type RawType = "u1" | "i1" | "u2" | "i2" | "u4" | "i4" | "u8" | "i8" | "f4" | "f8";

/** Bytes of one element. */
export function rawBytes(type: RawType): number {
  return Number(type[1]);
}

export interface RawArray {
  readonly type: RawType;
  readonly shape: Shape;
  /** elements in row-major order, 8-byte integers as numbers (exact up to 2^53) */
  readonly data: Uint8Array | Int8Array | Int32Array | Float32Array | Float64Array;
}

/**
 * Reads elements of a given byte order. uint8, int8 and little-endian float32 keep their type;
 * other integers become int32 if they fit in it, else float64.
 */
export function rawElements(
  type: RawType,
  bytes: Uint8Array,
  littleEndian: boolean,
): RawArray["data"] {
  const count = bytes.length / rawBytes(type);
  if (type === "u1") return bytes;
  if (type === "f4" && littleEndian) return viewBytes("float32", bytes, count);
  if (type === "i1") return new Int8Array(bytes.buffer, bytes.byteOffset, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Record<Exclude<RawType, "u1" | "i1">, (at: number) => number> = {
    u2: (at) => view.getUint16(at, littleEndian),
    i2: (at) => view.getInt16(at, littleEndian),
    u4: (at) => view.getUint32(at, littleEndian),
    i4: (at) => view.getInt32(at, littleEndian),
    u8: (at) => Number(view.getBigUint64(at, littleEndian)),
    i8: (at) => Number(view.getBigInt64(at, littleEndian)),
    f4: (at) => view.getFloat32(at, littleEndian),
    f8: (at) => view.getFloat64(at, littleEndian),
  };
  const target = type === "f4" ? new Float32Array(count) : arrayFor(type, count);
  for (let i = 0; i < count; i++) target[i] = read[type](i * rawBytes(type));
  return target;
}

function arrayFor(type: RawType, count: number): Int32Array | Float64Array {
  return type === "u2" || type === "i2" || type === "i4"
    ? new Int32Array(count)
    : new Float64Array(count);
}

/** Samples of a data set: dtype, one sample's shape, all elements. */
export interface RawSamples {
  readonly dtype: SampleDType;
  readonly shape: Shape;
  readonly data: DataOf[SampleDType];
}

/**
 * Takes an array [samples, ...shape] as samples.
 *
 * @throws DataError "data/shape" if the array has no samples axis or the given shape has another
 *   number of elements; "data/dtype" if the elements are neither uint8 nor float32 and no
 *   conversion was asked for, or do not fit in uint8
 */
export function samplesOfArray(where: string, array: RawArray, options: ArrayOptions): RawSamples {
  const own = array.shape.slice(1);
  const shape = options.shape ?? own;
  if (array.shape.length < 2 || elementCount(shape) !== elementCount(own))
    throw new DataError("data/shape", {
      where,
      rule:
        array.shape.length < 2
          ? "samples must be an array of two or more axes, the first counting samples"
          : `the sample shape ${showShape(shape)} must hold as many elements as the file's samples`,
      got: showShape(array.shape),
      fix: "Correct the shape option, or store [samples, ...sample shape]",
      details: { file: where, array: array.shape, shape },
    });
  const stored = array.type === "u1" ? "uint8" : array.type === "f4" ? "float32" : undefined;
  const dtype = options.dtype ?? stored;
  if (dtype === undefined)
    throw new DataError("data/dtype", {
      where,
      rule: "samples must be uint8 or float32",
      got: `NumPy type ${array.type}`,
      fix: "Add dtype: float32 to convert, or store them as uint8 or float32",
      details: { file: where, type: array.type },
    });
  return { dtype, shape, data: convertSamples(where, array.data, dtype) };
}

/**
 * Converts to uint8 (refusing what does not fit) or float32 (rounding to nearest). No copy where
 * nothing changes.
 */
export function convertSamples(
  where: string,
  data: RawArray["data"],
  dtype: SampleDType,
): DataOf[SampleDType] {
  if (dtype === "float32") return data instanceof Float32Array ? data : Float32Array.from(data);
  if (data instanceof Uint8Array) return data;
  const bytes = Uint8Array.from(data);
  const wrong = data.findIndex((value, at) => value !== bytes[at]);
  if (wrong >= 0)
    throw new DataError("data/dtype", {
      where,
      rule: "values must be integers 0 … 255 to be kept as uint8",
      got: `${data[wrong]} at element ${wrong}`,
      fix: "Leave out dtype: uint8, or scale the values before storing them",
      details: { file: where, element: wrong },
    });
  return bytes;
}

/**
 * Takes an array [samples] of integers as labels or groups.
 *
 * @throws DataError "data/label" for another number of axes, a float type, or values that int32
 *   cannot hold
 */
export function integersOfArray(where: string, array: RawArray): Int32Array {
  const fail = (rule: string, got: string, fix: string): never => {
    throw new DataError("data/label", { where, rule, got, fix, details: { file: where } });
  };
  if (array.shape.length !== 1)
    fail(
      "labels must be an array of one axis with a class index per sample",
      showShape(array.shape),
      "Store class indices (argmax of one-hot rows)",
    );
  if (array.type === "f4" || array.type === "f8")
    fail("labels must be integers", `type ${array.type}`, "Store them as int32 or int64");
  const labels = Int32Array.from(array.data);
  const wrong = array.data.findIndex((value, at) => value !== labels[at]);
  if (wrong >= 0)
    fail(
      "labels must fit in 32 bits",
      `${array.data[wrong]} for sample ${wrong}`,
      "Number the classes from 0",
    );
  return labels;
}
