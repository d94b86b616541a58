/** @file A model as data → the bytes of a .tflite file. */

import { Builder } from "flatbuffers";
import {
  bufferAlignment,
  type Field,
  fieldsOf,
  fileIdentifier,
  type Options,
  optionTypes,
  type Table,
  type TableName,
  tableIn,
  unionTypeSlots,
} from "./schema.ts";

/** @returns the file's bytes: the same for the same model */
export function writeFlatbuffer(model: Table<"Model">): Uint8Array {
  const builder = new Builder(1024);
  builder.finish(writeTable(builder, "Model", model), fileIdentifier);
  return builder.asUint8Array().slice();
}

type Offset = number;

/** What a table refers to is written first; then the table with its numbers and references. */
function writeTable(builder: Builder, table: TableName, values: object): Offset {
  const present = fieldsOf(table).flatMap((field) => {
    const value: unknown = Reflect.get(values, field.name);
    return value === undefined ? [] : [{ field, value, offset: written(builder, field, value) }];
  });
  const slots = Math.max(0, ...fieldsOf(table).map(({ slot }) => slot + 1));
  builder.startObject(slots);
  for (const { field, value, offset } of present) addField(builder, field, value, offset);
  return builder.endObject();
}

/** @returns the place of a value that is no number, or 0 */
function written(builder: Builder, { type }: Field, value: unknown): Offset {
  const table = tableIn(type);
  // the schema's types hold: Table<N> has checked them
  if (table !== undefined && type.endsWith("[]")) {
    const rows = value as readonly object[];
    return offsetVector(
      builder,
      rows.map((row) => writeTable(builder, table, row)),
    );
  }
  if (table !== undefined) return writeTable(builder, table, value as object);
  switch (type) {
    case "string":
      return builder.createString(value as string);
    case "bytes":
      return byteVector(builder, value as Uint8Array);
    case "options": {
      const options = value as Options;
      return writeTable(builder, options.type, options.table);
    }
    case "int32[]":
      return vector(builder, value as number[], 4, (x) => builder.addInt32(x));
    case "float32[]":
      return vector(builder, value as number[], 4, (x) => builder.addFloat32(x));
    case "int64[]":
      return vector(builder, value as number[], 8, (x) => builder.addInt64(BigInt(x)));
    default:
      return 0;
  }
}

function addField(
  builder: Builder,
  { slot, type, fallback }: Field,
  value: unknown,
  offset: Offset,
): void {
  switch (type) {
    case "int8":
      builder.addFieldInt8(slot, value as number, fallback);
      break;
    case "int32":
    case "uint32":
      builder.addFieldInt32(slot, value as number, fallback);
      break;
    case "float32":
      builder.addFieldFloat32(slot, value as number, fallback);
      break;
    case "options":
      builder.addFieldInt8(slot - unionTypeSlots, optionTypes[(value as Options).type], 0);
      builder.addFieldOffset(slot, offset, 0);
      break;
    default:
      builder.addFieldOffset(slot, offset, 0);
  }
}

/** Vectors are written from their end. */
function vector(
  builder: Builder,
  values: readonly number[],
  elementBytes: number,
  add: (value: number) => void,
): Offset {
  builder.startVector(elementBytes, values.length, elementBytes);
  for (const value of values.toReversed()) add(value);
  return builder.endVector();
}

function offsetVector(builder: Builder, offsets: readonly Offset[]): Offset {
  return vector(builder, offsets, 4, (offset) => builder.addOffset(offset));
}

function byteVector(builder: Builder, bytes: Uint8Array): Offset {
  builder.startVector(1, bytes.length, bufferAlignment);
  for (let at = bytes.length - 1; at >= 0; at--) builder.addInt8(bytes[at]!);
  return builder.endVector();
}
