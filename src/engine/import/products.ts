/** @file Importers of matrix products and recurrent units. */

import { constant, type Value } from "../graph/index.ts";
import { add, gemm, gruSequence, matMul, mul, slice, transpose } from "../ops/index.ts";
import { float32 } from "../tensor/index.ts";
import { viewed } from "./layout.ts";
import {
  dataOf,
  type Importer,
  type ImportNode,
  numberOf,
  operand,
  textOf,
  typeText,
} from "./node.ts";

/**
 * A dense layer over an image whose axes were moved before it was flattened: the kernel's rows are
 * moved instead, and the image stays as it is.
 *
 * @param kernel constant [inner, columns]
 */
function straightened(a: Value, kernel: Value): { readonly a: Value; readonly kernel: Value } {
  const moved = a.op === "reshape" ? a.inputs[0]! : a;
  const data = dataOf(kernel);
  const [inner, columns] = kernel.shape;
  if (moved.op !== "transpose" || data === undefined || a.shape.join() !== `1,${inner}`)
    return { a, kernel };
  const perm = moved.attrs.perm as readonly number[]; // transpose's own
  const source = moved.inputs[0]!;
  const strides = source.shape.map((_, axis) =>
    source.shape.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const rows = new Float32Array(data.length);
  for (let row = 0; row < inner!; row++) {
    let [rest, from] = [row, 0];
    for (let axis = perm.length - 1; axis >= 0; axis--) {
      from += (rest % moved.shape[axis]!) * strides[perm[axis]!]!;
      rest = Math.floor(rest / moved.shape[axis]!);
    }
    for (let c = 0; c < columns!; c++) rows[from * columns! + c] = data[row * columns! + c]!;
  }
  return {
    a: viewed(source, [1, inner!]),
    kernel: constant(float32(kernel.shape, rows), kernel.name),
  };
}

function transposed(matrix: Value): Value | undefined {
  const data = dataOf(matrix);
  if (data === undefined) return undefined;
  const [rows, columns] = matrix.shape as readonly [number, number]; // gemm's operands are matrices
  const values = data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!);
  return constant(float32([columns, rows], values), matrix.name);
}

/** y = alpha · op(a) op(b) + beta · c */
const importGemm: Importer = (node) => {
  const [alpha, beta] = [numberOf(node, "alpha", 1), numberOf(node, "beta", 1)];
  const transA = numberOf(node, "transA", 0) === 1;
  const transB = numberOf(node, "transB", 0) === 1;
  const c = node.inputs[2];
  const b = operand(node, 1);
  const scaled = alpha === 1 ? b : scaledBy(b, alpha);
  const straight = transB ? transposed(scaled) : scaled;
  const isMoved = !transA && straight !== undefined;
  const moved = isMoved ? straightened(operand(node, 0), straight) : undefined;
  const isSame = moved === undefined || moved.a === operand(node, 0);
  const bias = c && { c: beta === 1 ? c : scaledBy(c, beta) };
  return isSame
    ? gemm(operand(node, 0), scaled, { transA, transB, ...bias })
    : gemm(moved.a, moved.kernel, { ...bias });
};

function scaledBy(value: Value, factor: number): Value {
  const data = dataOf(value);
  if (data === undefined) return mul(value, factor);
  return constant(
    float32(
      value.shape,
      data.map((x) => x * factor),
    ),
    value.name,
  );
}

/** A vector stands for a matrix of one row or column. */
const importMatMul: Importer = (node) => {
  const [a, b] = [operand(node, 0), operand(node, 1)];
  if (a.shape.length < 2 || b.shape.length < 2)
    return node.refuse(
      "both operands must have at least two axes",
      `${typeText(a)} and ${typeText(b)}`,
      "Reshape a vector to a matrix",
    );
  if (a.shape.length !== 2 || b.shape.length !== 2) return matMul(a, b);
  const { a: source, kernel } = straightened(a, b);
  return b.op === "constant" ? gemm(source, kernel) : matMul(a, b);
};

/** One direction, from a state of zeros: Y [time, 1, batch, units] and the last state. */
function importGru(node: ImportNode): readonly Value[] {
  const direction = textOf(node, "direction", "forward");
  const initial = node.inputs[5];
  const isZero = initial === undefined || dataOf(initial)?.every((x) => x === 0) === true;
  if (direction !== "forward" || node.inputs[4] !== undefined || !isZero)
    return node.refuse(
      "a GRU must run forward from a state of zeros, over sequences of one length",
      `direction ${direction}, ${node.inputs.length} operands`,
      "Export a GRU of one direction without initial state and lengths",
    );
  if (node.attrs.activations !== undefined || numberOf(node, "layout", 0) !== 0)
    return node.refuse(
      "a GRU must have its default activations and layout",
      Object.keys(node.attrs).join(", "),
      "Export the default GRU",
    );
  const [x, kernel, recurrent] = [operand(node, 0), operand(node, 1), operand(node, 2)];
  const part = (value: Value): Value => viewed(value, value.shape.slice(1));
  const units = recurrent.shape[2]!;
  const bias = node.inputs[3] ?? constant(float32([1, 6 * units], new Float32Array(6 * units)));
  const linearBeforeReset = numberOf(node, "linear_before_reset", 0) === 1;
  const states = gruSequence(x, part(kernel), part(recurrent), part(bias), { linearBeforeReset });
  const [time, batch] = states.shape as readonly [number, number, number]; // gruSequence's own
  const rows = transpose(states, [1, 0, 2]); // [batch, time, units], whose positions int8 can take
  const last = slice(rows, { starts: [time - 1], ends: [time], axes: [1] }); // [batch, 1, units]
  return [viewed(states, [time, 1, batch, units]), transpose(last, [1, 0, 2])];
}

/** The sum of a product and a bias is one product with an addend, as it is for int8 targets. */
export function withBias(a: Value, b: Value): Value {
  const [product, bias] = a.op === "constant" ? [b, a] : [a, b];
  const columns = product.shape.at(-1);
  const isBias = bias.op === "constant" && bias.shape.join() === String(columns);
  if (!isBias || product.op !== "gemm" || product.inputs.length !== 2) return add(a, b);
  const { transA, transB } = product.attrs as { transA: boolean; transB: boolean }; // gemm's own
  return gemm(product.inputs[0]!, product.inputs[1]!, { c: bias, transA, transB });
}

export const products: Readonly<Record<string, Importer>> = {
  Gemm: importGemm,
  GRU: importGru,
  MatMul: importMatMul,
};
