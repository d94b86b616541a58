/** @file The bytes of a .tflite file → the model as data, as far as the schema here knows it. */

import { ByteBuffer } from "flatbuffers";
import {
  type Field,
  fieldsOf,
  fileIdentifier,
  optionTypes,
  type Table,
  type TableName,
  tableIn,
  unionTypeSlots,
} from "../../src/device/export/tflite/schema.ts";
import { ExportError } from "../../src/errors/index.ts";

/**
 * @returns what writeFlatbuffer was given, with fields at their default left out
 * @throws ExportError "export/tflite" for a file of another kind
 */
export function readFlatbuffer(bytes: Uint8Array): Table<"Model"> {
  const buffer = new ByteBuffer(bytes);
  if (bytes.length < 8 || !buffer.__has_identifier(fileIdentifier))
    throw new ExportError("export/tflite", {
      where: "readFlatbuffer",
      rule: `a .tflite file has "${fileIdentifier}" at byte 4`,
      got: `${bytes.length} bytes of another kind`,
      fix: "Give a .tflite file",
    });
  return readTable(buffer, "Model", buffer.readInt32(0));
}

function readTable(buffer: ByteBuffer, table: TableName, at: number): Table<"Model"> {
  const entries = fieldsOf(table).flatMap((field) => {
    const inTable = buffer.__offset(at, 4 + 2 * field.slot);
    if (inTable === 0) return [];
    return [[field.name, readField(buffer, field, at, at + inTable)] as const];
  });
  return Object.fromEntries(entries); // the schema names the fields
}

function readField(buffer: ByteBuffer, { slot, type }: Field, table: number, at: number): unknown {
  const name = tableIn(type);
  const target = (place: number): number => buffer.__indirect(place);
  if (name !== undefined && !type.endsWith("[]")) return readTable(buffer, name, target(at));
  if (name !== undefined)
    return elements(buffer, at, 4, (place) => readTable(buffer, name, target(place)));
  switch (type) {
    case "int8":
      return buffer.readInt8(at);
    case "int32":
      return buffer.readInt32(at);
    case "uint32":
      return buffer.readUint32(at);
    case "float32":
      return buffer.readFloat32(at);
    case "string":
      return buffer.__string(at);
    case "bytes":
      return Uint8Array.from(elements(buffer, at, 1, (place) => buffer.readUint8(place)));
    case "options": {
      const number = buffer.readUint8(
        table + buffer.__offset(table, 4 + 2 * (slot - unionTypeSlots)),
      );
      const found = Object.entries(optionTypes).find(([, value]) => value === number)?.[0];
      const options = found === undefined ? undefined : tableIn(found);
      if (options === undefined) return { type: `number ${number}`, table: {} };
      return { type: options, table: readTable(buffer, options, target(at)) };
    }
    case "int32[]":
      return elements(buffer, at, 4, (place) => buffer.readInt32(place));
    case "float32[]":
      return elements(buffer, at, 4, (place) => buffer.readFloat32(place));
    default:
      return elements(buffer, at, 8, (place) => Number(buffer.readInt64(place)));
  }
}

function elements<T>(
  buffer: ByteBuffer,
  at: number,
  size: number,
  read: (place: number) => T,
): readonly T[] {
  const start = buffer.__vector(at);
  return Array.from({ length: buffer.__vector_len(at) }, (_, i) => read(start + size * i));
}
