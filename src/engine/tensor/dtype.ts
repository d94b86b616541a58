/** @file Element types, and the typed array that holds each. */

/** float16 is held as its bits in a Uint16Array; bool as 0 or 1 in a Uint8Array. */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

export type DType = keyof DataOf;
export type TypedArray = DataOf[DType];

interface DTypeInfo {
  readonly bytes: number;
  readonly kind: "float" | "int" | "uint" | "bool";
  readonly make: (length: number) => TypedArray;
  readonly view: (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;
}

const info: { readonly [D in DType]: DTypeInfo } = {
  float32: {
    bytes: 4,
    kind: "float",
    make: (n) => new Float32Array(n),
    view: (b, o, n) => new Float32Array(b, o, n),
  },
  float64: {
    bytes: 8,
    kind: "float",
    make: (n) => new Float64Array(n),
    view: (b, o, n) => new Float64Array(b, o, n),
  },
  float16: {
    bytes: 2,
    kind: "float",
    make: (n) => new Uint16Array(n),
    view: (b, o, n) => new Uint16Array(b, o, n),
  },
  int8: {
    bytes: 1,
    kind: "int",
    make: (n) => new Int8Array(n),
    view: (b, o, n) => new Int8Array(b, o, n),
  },
  uint8: {
    bytes: 1,
    kind: "uint",
    make: (n) => new Uint8Array(n),
    view: (b, o, n) => new Uint8Array(b, o, n),
  },
  int32: {
    bytes: 4,
    kind: "int",
    make: (n) => new Int32Array(n),
    view: (b, o, n) => new Int32Array(b, o, n),
  },
  uint32: {
    bytes: 4,
    kind: "uint",
    make: (n) => new Uint32Array(n),
    view: (b, o, n) => new Uint32Array(b, o, n),
  },
  int64: {
    bytes: 8,
    kind: "int",
    make: (n) => new BigInt64Array(n),
    view: (b, o, n) => new BigInt64Array(b, o, n),
  },
  bool: {
    bytes: 1,
    kind: "bool",
    make: (n) => new Uint8Array(n),
    view: (b, o, n) => new Uint8Array(b, o, n),
  },
};

export const dtypes: readonly DType[] = Object.keys(info) as DType[]; // keys of a literal typed by DType

export function isDType(name: string): name is DType {
  return Object.hasOwn(info, name);
}

export function isFloat(dtype: DType): boolean {
  return info[dtype].kind === "float";
}

/** @returns bytes of one element */
export function dtypeBytes(dtype: DType): number {
  return info[dtype].bytes;
}

/**
 * @returns the name of the typed array that holds a dtype: "Float32Array"; by name, so that arrays
 *   of another realm and a Node Buffer (a Uint8Array) count
 */
export function arrayNameOf(dtype: DType): string {
  return arrayName(info[dtype].make(0));
}

/** @returns what a value is, in `arrayNameOf`'s words: "Float64Array"; of no array, "Null" */
export function arrayName(data: unknown): string {
  return Object.prototype.toString.call(data).slice("[object ".length, -1);
}

/** @returns a zeroed array of `length` elements */
export function allocate<D extends DType>(dtype: D, length: number): DataOf[D] {
  return info[dtype].make(length) as DataOf[D]; // the table pairs each dtype with its array
}

/**
 * Reads `length` elements from bytes in the machine's order (little-endian everywhere we run).
 * Aligned bytes are viewed without copying; unaligned ones are copied.
 */
export function viewBytes<D extends DType>(dtype: D, bytes: Uint8Array, length: number): DataOf[D] {
  const aligned =
    bytes.byteOffset % info[dtype].bytes === 0 && bytes.buffer instanceof ArrayBuffer
      ? bytes
      : new Uint8Array(bytes); // not slice(): a Node Buffer's slice is a view of the same bytes
  return info[dtype].view(aligned.buffer as ArrayBuffer, aligned.byteOffset, length) as DataOf[D]; // as above
}

/** @returns the bytes of a typed array, without copying */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
