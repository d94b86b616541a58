/** @file Importers of constants, and the arithmetic of sizes that exporters leave in a model. */

import { constant, type Value } from "../graph/index.ts";
import { float32 } from "../tensor/index.ts";
import {
  constantOf,
  dataOf,
  type Importer,
  type ImportNode,
  int64,
  numbersOf,
  operand,
} from "./node.ts";

const importConstant: Importer = (node) => {
  const { value, value_float: number, value_int: integer } = node.attrs;
  if (typeof value === "object" && "data" in value) return constant(value);
  if (typeof number === "number") return constant(float32([], [number]));
  if (typeof integer === "bigint") return int64([], [Number(integer)]);
  const [numbers, integers] = [numbersOf(node, "value_floats"), numbersOf(node, "value_ints")];
  if (numbers !== undefined) return constant(float32([numbers.length], numbers));
  if (integers !== undefined) return int64([integers.length], integers);
  return node.refuse(
    "a constant must be a tensor of numbers",
    Object.keys(node.attrs).join(),
    "Simplify the model",
  );
};

const importConstantOfShape: Importer = (node) => {
  const shape = constantOf(node, 0, "the shape");
  const count = shape.reduce((product, size) => product * size, 1);
  const { value } = node.attrs;
  const filler = typeof value === "object" && "data" in value ? value : undefined;
  const first = Number(filler?.data[0] ?? 0);
  const all = Array.from({ length: count }, () => first);
  if (filler?.dtype === "int64") return int64(shape, all);
  if (filler === undefined || filler.dtype === "float32") return constant(float32(shape, all));
  return node.refuse("the filler must be float32 or int64", filler.dtype, "Simplify the model");
};

/** Dropout does nothing when a model is used. */
const importDropout: Importer = (node) => {
  if (dataOf(node.inputs[2])?.[0] === 1)
    return node.refuse(
      "dropout must be as in inference",
      "training mode",
      "Export in evaluation mode",
    );
  return operand(node, 0);
};

export const constants: Readonly<Record<string, Importer>> = {
  Constant: importConstant,
  ConstantOfShape: importConstantOfShape,
  Dropout: importDropout,
  Identity: (node) => operand(node, 0),
};

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Div: (a, b) => Math.trunc(a / b),
  Max: Math.max,
  Min: Math.min,
  Mul: (a, b) => a * b,
  Sub: (a, b) => a - b,
};

/** @returns the result of integer arithmetic on constants, or undefined for anything else */
export function foldedIntegers({ type, inputs }: ImportNode): Value | undefined {
  const apply = Object.hasOwn(arithmetic, type) ? arithmetic[type] : undefined;
  const [a, b] = [inputs[0], inputs[1]];
  if (apply === undefined || a?.dtype !== "int64" || b?.dtype !== "int64") return undefined;
  const [left, right] = [dataOf(a), dataOf(b)];
  if (left === undefined || right === undefined || inputs.length !== 2) return undefined;
  const shape = left.length >= right.length ? a.shape : b.shape;
  const length = Math.max(left.length, right.length);
  const at = (list: readonly number[], index: number): number =>
    list[list.length === 1 ? 0 : index] ?? 0;
  return int64(
    shape,
    Array.from({ length }, (_, index) => apply(at(left, index), at(right, index))),
  );
}
