/** @file One ONNX node as its importer sees it: operands, attributes, and how it is refused. */

import { DataError } from "../../errors/index.ts";
import { constant, type Value } from "../graph/index.ts";
import type { OnnxNode } from "../onnx/index.ts";
import { float32, float32FromFloat16, showShape, type Tensor } from "../tensor/index.ts";

export interface ImportNode {
  readonly type: string;
  /** of the standard operator set */
  readonly opset: number;
  /** the batch size that the file fixes, if that is not 1 */
  readonly fixedBatch: number | undefined;
  /** undefined stands for an optional operand that was left out */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly string[];
  readonly attrs: OnnxNode["attrs"];
  /** names file, node and operator; never returns */
  readonly refuse: Refuse;
}

export type Refuse = (rule: string, got: string, fix: string) => never;

/** @returns the node's outputs, as many as can be given; most have one */
export type Importer = (node: ImportNode) => Value | readonly Value[];

/** @throws DataError "import/unsupported" for an operand that is not there */
export function operand({ inputs, type, refuse }: ImportNode, index: number): Value {
  return (
    inputs[index] ??
    refuse(
      `${type} needs operand ${index + 1}`,
      `${inputs.length} operands`,
      "Export the model again",
    )
  );
}

/** @returns an INT or FLOAT attribute as a number */
export function numberOf({ attrs }: ImportNode, name: string, absent: number): number {
  const value = attrs[name];
  return typeof value === "bigint" || typeof value === "number" ? Number(value) : absent;
}

/** @returns an INTS or FLOATS attribute, or undefined */
export function numbersOf({ attrs }: ImportNode, name: string): readonly number[] | undefined {
  const value = attrs[name];
  return Array.isArray(value) ? value.map(Number) : undefined;
}

export function textOf({ attrs }: ImportNode, name: string, absent: string): string {
  const value = attrs[name];
  return typeof value === "string" ? value : absent;
}

/** @returns a constant's tensor, or undefined for what is computed */
export function tensorOf(value: Value | undefined): Tensor | undefined {
  return value?.op === "constant" ? (value.attrs.value as Tensor) : undefined; // constant() puts it there
}

/** @returns a constant's elements as numbers, or undefined */
export function dataOf(value: Value | undefined): readonly number[] | undefined {
  const tensor = tensorOf(value);
  if (tensor?.dtype === "float16")
    return Array.from(tensor.data as Uint16Array, float32FromFloat16); // it holds their bits
  return tensor && Array.from(tensor.data as Iterable<number | bigint>, Number);
}

/** @returns the elements of an operand that must be a constant: axes, shapes, limits */
export function constantOf(node: ImportNode, index: number, what: string): readonly number[] {
  return (
    dataOf(operand(node, index)) ??
    node.refuse(
      `${what} must be known before the model runs`,
      `a result of ${operand(node, index).op}`,
      "Export with fixed sizes (all but the batch axis), and simplify the model",
    )
  );
}

/** Opsets moved axes from an attribute to an operand. @returns undefined if neither is there */
export function axesOf(node: ImportNode, index: number): readonly number[] | undefined {
  const attribute = numbersOf(node, "axes");
  if (attribute !== undefined || node.inputs[index] === undefined) return attribute;
  return constantOf(node, index, "axes");
}

/** @returns int64 numbers as a constant */
export function int64(shape: readonly number[], values: readonly number[]): Value {
  return constant({ dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) });
}

/** @returns a float32 constant of one axis */
export function vector(values: readonly number[]): Value {
  return constant(float32([values.length], values));
}

export function unsupported(
  where: string,
  rule: string,
  got: string,
  fix: string,
  details: Readonly<Record<string, unknown>>,
): DataError {
  return new DataError("import/unsupported", { where, rule, got, fix, details });
}

/** @returns dtype and shape, for messages */
export function typeText({ dtype, shape }: Value): string {
  return `${dtype} ${showShape(shape)}`;
}
