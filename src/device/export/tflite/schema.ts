/**
 * @file The part of the .tflite FlatBuffer schema that int8 networks need: each table's fields with
 * their slot, type and, where it is not 0, default. Writer and reader both follow it.
 *
 * @see TensorFlow Lite, schema.fbs, version 3
 */

/** `x[]` is a vector; a name in capitals is a table of this schema; "options" the union of them. */
export const schema = {
  Model: {
    version: [0, "uint32"],
    operatorCodes: [1, "OperatorCode[]"],
    subgraphs: [2, "SubGraph[]"],
    description: [3, "string"],
    buffers: [4, "Buffer[]"],
    metadata: [6, "Metadata[]"],
    signatureDefs: [7, "SignatureDef[]"],
  },
  OperatorCode: {
    deprecatedBuiltinCode: [0, "int8"],
    version: [2, "int32", 1],
    builtinCode: [3, "int32"],
  },
  SubGraph: {
    tensors: [0, "Tensor[]"],
    inputs: [1, "int32[]"],
    outputs: [2, "int32[]"],
    operators: [3, "Operator[]"],
    name: [4, "string"],
  },
  Tensor: {
    shape: [0, "int32[]"],
    type: [1, "int8"],
    buffer: [2, "uint32"],
    name: [3, "string"],
    quantization: [4, "Quantization"],
  },
  Quantization: {
    scale: [2, "float32[]"],
    zeroPoint: [3, "int64[]"],
    quantizedDimension: [6, "int32"],
  },
  Operator: {
    opcodeIndex: [0, "uint32"],
    inputs: [1, "int32[]"],
    outputs: [2, "int32[]"],
    options: [4, "options"],
  },
  Buffer: { data: [0, "bytes"] },
  Metadata: { name: [0, "string"], buffer: [1, "uint32"] },
  SignatureDef: {
    inputs: [0, "TensorMap[]"],
    outputs: [1, "TensorMap[]"],
    signatureKey: [2, "string"],
    subgraphIndex: [4, "uint32"],
  },
  TensorMap: { name: [0, "string"], tensorIndex: [1, "uint32"] },
  Conv2DOptions: {
    padding: [0, "int8"],
    strideWidth: [1, "int32"],
    strideHeight: [2, "int32"],
    activation: [3, "int8"],
    dilationWidth: [4, "int32", 1],
    dilationHeight: [5, "int32", 1],
  },
  DepthwiseConv2DOptions: {
    padding: [0, "int8"],
    strideWidth: [1, "int32"],
    strideHeight: [2, "int32"],
    depthMultiplier: [3, "int32"],
    activation: [4, "int8"],
    dilationWidth: [5, "int32", 1],
    dilationHeight: [6, "int32", 1],
  },
  Pool2DOptions: {
    padding: [0, "int8"],
    strideWidth: [1, "int32"],
    strideHeight: [2, "int32"],
    filterWidth: [3, "int32"],
    filterHeight: [4, "int32"],
    activation: [5, "int8"],
  },
  FullyConnectedOptions: { activation: [0, "int8"] },
  SoftmaxOptions: { beta: [0, "float32"] },
  ConcatenationOptions: { axis: [0, "int32"], activation: [1, "int8"] },
  AddOptions: { activation: [0, "int8"] },
  ReshapeOptions: { newShape: [0, "int32[]"] },
  PadOptions: {},
  PadV2Options: {},
  GatherOptions: { axis: [0, "int32"] },
  TransposeOptions: {},
  CastOptions: { inputType: [0, "int8"], outputType: [1, "int8"] },
  MaximumMinimumOptions: {},
  ArgMaxOptions: { outputType: [0, "int8"] },
  QuantizeOptions: {},
  HardSwishOptions: {},
} as const;

/** The tables that an operator's options may be, with their number in the union. */
export const optionTypes = {
  Conv2DOptions: 1,
  DepthwiseConv2DOptions: 2,
  Pool2DOptions: 5,
  FullyConnectedOptions: 8,
  SoftmaxOptions: 9,
  ConcatenationOptions: 10,
  AddOptions: 11,
  ReshapeOptions: 17,
  PadOptions: 22,
  GatherOptions: 23,
  TransposeOptions: 26,
  CastOptions: 37,
  MaximumMinimumOptions: 39,
  ArgMaxOptions: 40,
  PadV2Options: 43,
  QuantizeOptions: 89,
  HardSwishOptions: 91,
} as const;

export const fileIdentifier = "TFL3";
/** The options' type stands one slot before them. */
export const unionTypeSlots = 1;
/** Buffers start at multiples of so many bytes. */
export const bufferAlignment = 16;

export const tensorTypes = { int32: 2, uint8: 3, int8: 9 } as const;
export const activations = { none: 0, relu: 1, reluN1To1: 2, relu6: 3 } as const;
export const paddings = { same: 0, valid: 1 } as const;

type Schema = typeof schema;
export type TableName = keyof Schema;
type OptionsName = keyof typeof optionTypes;

interface Scalars {
  readonly int8: number;
  readonly int32: number;
  readonly uint32: number;
  readonly float32: number;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly "int32[]": readonly number[];
  readonly "float32[]": readonly number[];
  readonly "int64[]": readonly number[];
}
type ScalarType = keyof Scalars;

type ValueOf<T> = T extends ScalarType
  ? Scalars[T]
  : T extends "options"
    ? Options
    : T extends TableName
      ? Table<T>
      : T extends `${infer N extends TableName}[]`
        ? readonly Table<N>[]
        : never;

/** A table as data; what is absent has its default. */
export type Table<N extends TableName> = {
  readonly [F in keyof Schema[N]]?: Schema[N][F] extends readonly [number, infer T, ...unknown[]]
    ? ValueOf<T>
    : never;
};

/** An operator's options: the table's name, and the table. */
export type Options = {
  readonly [N in OptionsName]: { readonly type: N; readonly table: Table<N> };
}[OptionsName];

/** One field of one table, as the writer and the reader see it. */
export interface Field {
  readonly name: string;
  readonly slot: number;
  readonly type: string;
  readonly fallback: number;
}

/** @returns the fields of a table in the order of their slots */
export function fieldsOf(table: TableName): readonly Field[] {
  // every entry above has this form
  const entries = Object.entries(schema[table]) as [string, readonly [number, string, number?]][];
  return entries.map(([name, [slot, type, fallback = 0]]) => ({ name, slot, type, fallback }));
}

/** @returns the table that a type names, or undefined. @param type "Tensor" or "Tensor[]" */
export function tableIn(type: string): TableName | undefined {
  const name = type.replace("[]", "");
  return Object.hasOwn(schema, name) ? (name as TableName) : undefined; // own key
}
