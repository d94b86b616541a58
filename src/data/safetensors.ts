/**
 * @file The safetensors file format: named tensors in one file, read by every machine-learning
 * library.
 *
 *   u64 N, little-endian | N bytes of JSON, space-padded to a multiple of 8 | tensor bytes, no gaps
 *
 * Each JSON entry is `"name": {"dtype", "shape", "data_offsets": [begin, end]}`, offsets counted
 * from the end of the JSON; `"__metadata__"` holds strings.
 */

import {
  bytesOf,
  type DType,
  dtypeBytes,
  elementCount,
  type Shape,
  type Tensor,
  viewBytes,
} from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";

/**
 * What a file holds. Tensors of a file that was read are views of its bytes where alignment allows.
 */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Order of tensors in a file: largest elements first, so that each tensor is aligned to its
 * element.
 */
const fileNames = {
  int64: "I64",
  float64: "F64",
  float32: "F32",
  uint32: "U32",
  int32: "I32",
  float16: "F16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const order = Object.keys(fileNames) as DType[]; // keys of a literal typed by DType
const dtypeNamed = new Map<string, DType>(order.map((dtype) => [fileNames[dtype], dtype]));

/** The reference implementation's limit on the JSON part. */
const headerLimit = 100_000_000;
const reservedNames = ["__metadata__", "__proto__"];

function formatError(where: string, rule: string, got?: string): DataError {
  return new DataError("file/format", {
    where,
    rule,
    ...(got === undefined ? {} : { got }),
    fix: "Write the file again; it is not a safetensors file, or it was changed",
  });
}

/**
 * Makes the bytes of a file. Equal tensors and metadata give equal bytes, whatever order they come
 * in.
 *
 * @param tensors by name; every dtype; float16 as its bits
 * @param metadata strings kept in the header
 * @throws DataError "file/tensor-name" for the reserved names `__metadata__` and `__proto__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = sortedEntries(isMap(tensors) ? [...tensors] : Object.entries(tensors));
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0)
    fields.push(`"__metadata__":${JSON.stringify(sortedRecord(metadata))}`);
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const begin = end;
    end += data.byteLength;
    const entry = { dtype: fileNames[dtype], shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(header, 8);
  let position = 8 + headerBytes;
  for (const [, { data }] of entries) {
    file.set(bytesOf(data), position);
    position += data.byteLength;
  }
  return file;
}

function isMap(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
): tensors is ReadonlyMap<string, Tensor> {
  return tensors instanceof Map;
}

function sortedEntries(entries: [string, Tensor][]): [string, Tensor][] {
  for (const [name] of entries)
    if (reservedNames.includes(name))
      throw new DataError("file/tensor-name", {
        where: "writeSafetensors",
        rule: "a tensor's name must not be one that the format reserves",
        got: JSON.stringify(name),
        fix: "Rename the tensor",
      });
  return entries.sort(([nameA, a], [nameB, b]) => {
    const byDType = order.indexOf(a.dtype) - order.indexOf(b.dtype);
    return byDType !== 0 ? byDType : nameA < nameB ? -1 : 1;
  });
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Reads a file, checking all of it.
 *
 * @param where the file's name, for messages
 * @throws DataError "file/truncated" if bytes are missing at the end; "file/format" for anything
 *   else that the format forbids: gaps, overlaps, sizes that do not fit shapes, unknown dtypes,
 *   reserved names, surplus bytes
 */
export function readSafetensors(bytes: Uint8Array, where: string): SafetensorsContent {
  const { header, body } = splitFile(bytes, where);
  const tensors = new Map<string, Tensor>();
  let metadata: Readonly<Record<string, string>> = {};
  const spans: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") metadata = readMetadata(value, where);
    else spans.push(readEntry(name, value, where));
  }
  assertContiguous(spans, body.length, where);
  for (const { name, dtype, shape, begin, end } of spans) {
    const data = viewBytes(dtype, body.subarray(begin, end), elementCount(shape));
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function splitFile(
  given: Uint8Array,
  where: string,
): { readonly header: Record<string, unknown>; readonly body: Uint8Array } {
  // a plain view: Node's Buffer overrides slice
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < 8) throw truncated(where, 8, bytes.length);
  const headerBytes = Number(
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true),
  );
  if (headerBytes > headerLimit)
    throw formatError(where, `the header must be at most ${headerLimit} bytes`, `${headerBytes}`);
  if (bytes.length < 8 + headerBytes) throw truncated(where, 8 + headerBytes, bytes.length);
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(8, 8 + headerBytes));
    header = JSON.parse(text);
  } catch (cause) {
    throw formatError(where, "the header must be JSON text", String(cause));
  }
  if (!isRecord(header)) throw formatError(where, "the header must be a JSON object");
  return { header, body: bytes.subarray(8 + headerBytes) };
}

function truncated(where: string, expected: number, got: number): DataError {
  return new DataError("file/truncated", {
    where,
    rule: `the file must have at least ${expected} bytes`,
    got: `${got} bytes`,
    fix: "Copy or write the file again",
    details: { expected, got },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readMetadata(value: unknown, where: string): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string"))
    throw formatError(where, "__metadata__ must map names to strings");
  if (Object.hasOwn(value, "__proto__"))
    throw formatError(where, "__metadata__ must not have the name __proto__");
  return value as Record<string, string>; // every value was just checked
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function readEntry(name: string, value: unknown, where: string): Entry {
  if (name === "__proto__") throw formatError(where, "no tensor may be named __proto__");
  const here = `${where}, tensor "${name}"`;
  if (!isRecord(value)) throw formatError(here, "an entry must be a JSON object");
  const { dtype: fileName, shape, data_offsets: offsets, ...rest } = value;
  const dtype = typeof fileName === "string" ? dtypeNamed.get(fileName) : undefined;
  if (dtype === undefined)
    throw formatError(here, `dtype must be one of ${[...dtypeNamed.keys()]}`, String(fileName));
  if (!isSizes(shape)) throw formatError(here, "shape must be an array of non-negative integers");
  if (!isSizes(offsets) || offsets.length !== 2)
    throw formatError(here, "data_offsets must be two non-negative integers");
  if (Object.keys(rest).length > 0)
    throw formatError(here, "only dtype, shape and data_offsets may stand in an entry");
  const [begin, end] = offsets as [number, number]; // length was just checked
  const sizeBytes = elementCount(shape) * dtypeBytes(dtype);
  if (end - begin !== sizeBytes)
    throw formatError(here, `its shape needs ${sizeBytes} bytes`, `${end - begin} bytes`);
  return { name, dtype, shape, begin, end };
}

/** Every byte of the body belongs to exactly one tensor. */
function assertContiguous(spans: Entry[], bodyBytes: number, where: string): void {
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== position)
      throw formatError(
        where,
        `tensor "${name}" must start at ${position}, where the one before it ends`,
        `${begin} (${begin < position ? "an overlap" : "a hole"})`,
      );
    position = end;
  }
  if (bodyBytes < position) throw truncated(where, position, bodyBytes);
  if (bodyBytes > position)
    throw formatError(where, `tensors must fill the ${bodyBytes} bytes`, `${position}`);
}
