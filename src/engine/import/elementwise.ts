/** @file Importers of element-wise operators. */

import { constant, type Value } from "../graph/index.ts";
import {
  abs,
  add,
  batchNormalization,
  cast,
  clip,
  div,
  erf,
  exp,
  gelu,
  hardSwish,
  leakyRelu,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  relu6,
  sigmoid,
  softplus,
  sqrt,
  sub,
  tanh,
} from "../ops/index.ts";
import { elementCount, float32, isDType } from "../tensor/index.ts";
import {
  constantOf,
  dataOf,
  type Importer,
  type ImportNode,
  numberOf,
  operand,
  textOf,
  typeText,
  vector,
} from "./node.ts";
import { withBias } from "./products.ts";

const unary =
  (op: (x: Value) => Value): Importer =>
  (node) =>
    op(operand(node, 0));

/** Two operands or, where ONNX allows it, any number. */
const folded =
  (op: (a: Value, b: Value) => Value): Importer =>
  (node) =>
    node.inputs.map((_, at) => operand(node, at)).reduce((a, b) => op(a, b));

/** Limits are attributes up to opset 10, operands afterwards; an absent one does not bind. */
const importClip: Importer = (node) => {
  const x = operand(node, 0);
  const limit = (index: number, name: string, absent: number): number => {
    const given = node.inputs[index];
    if (given === undefined) return numberOf(node, name, absent);
    const data = dataOf(given);
    if (data?.length === 1) return data[0]!;
    return node.refuse("limits must be constants", typeText(given), "Export fixed limits");
  };
  // exporters write "no limit" as the largest float32, too
  const bound = (value: number): number =>
    Math.abs(value) > 3.4e38 ? Math.sign(value) * Infinity : value;
  const [min, max] = [bound(limit(1, "min", -Infinity)), bound(limit(2, "max", Infinity))];
  if (min === -Infinity) return max === Infinity ? x : minimum(x, max);
  if (max === Infinity) return min === 0 ? relu(x) : maximum(x, min);
  return min === 0 && max === 6 ? relu6(x) : clip(x, min, max);
};

/** max(0, min(1, alpha · x + beta)) */
const importHardSigmoid: Importer = (node) => {
  const [alpha, beta] = [numberOf(node, "alpha", 0.2), numberOf(node, "beta", 0.5)];
  return clip(add(mul(operand(node, 0), alpha), beta), 0, 1);
};

/** max(x, 0) + alpha · (exp(min(x, 0)) − 1) */
const importElu: Importer = (node) => {
  const x = operand(node, 0);
  const alpha = numberOf(node, "alpha", 1);
  return add(relu(x), mul(sub(exp(minimum(x, 0)), 1), alpha));
};

const importPRelu: Importer = (node) => {
  const [x, slope] = [operand(node, 0), dataOf(operand(node, 1))];
  if (slope?.every((value) => value === slope[0]) === true) return leakyRelu(x, slope[0]!);
  return node.refuse(
    "the slope must be one constant",
    typeText(operand(node, 1)),
    "Use LeakyRelu, or Relu",
  );
};

const importGelu: Importer = (node) =>
  gelu(operand(node, 0), { form: textOf(node, "approximate", "none") === "none" ? "erf" : "tanh" });

const importPow: Importer = (node) => {
  const exponent = constantOf(node, 1, "the exponent");
  if (exponent.length === 1) return pow(operand(node, 0), exponent[0]!);
  return node.refuse("the exponent must be one number", `${exponent.length}`, "Use Mul");
};

const onnxDTypes: Readonly<Record<number, string>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
};

const importCast: Importer = (node) => {
  const x = operand(node, 0);
  const to = onnxDTypes[numberOf(node, "to", 0)] ?? "";
  if (!isDType(to))
    return node.refuse(
      "the type is not known",
      `type ${numberOf(node, "to", 0)}`,
      "Cast to float32",
    );
  if (to === x.dtype) return x;
  const data = dataOf(x);
  if (to === "float32" && data !== undefined) return constant(float32(x.shape, data));
  return cast(x, to);
};

/** @returns one number per channel of `x`, if that is what the constant holds */
function perChannel(x: Value, other: Value): readonly number[] | undefined {
  const data = dataOf(other);
  const channels = x.shape[1];
  if (x.shape.length !== 4 || other.dtype !== "float32" || data?.length !== channels)
    return undefined;
  if (elementCount(other.shape) < 2) return undefined;
  return other.shape.at(-3) === channels ? data : undefined;
}

const epsilon = 2 ** -30; // 1 + epsilon is 1 in float32

/** y = x · scale + offset for each channel, as a batch normalisation, which int8 targets fold. */
function channelwise(x: Value, scale: readonly number[], offset: readonly number[]): Value {
  const [zeros, ones] = [scale.map(() => 0), scale.map(() => 1)];
  return batchNormalization(x, vector(scale), vector(offset), vector(zeros), vector(ones), {
    epsilon,
  });
}

/** A constant per channel scales or shifts like batch normalisation. */
const withChannels =
  (
    op: (a: Value, b: Value) => Value,
    affine: (constant: number) => readonly [scale: number, offset: number],
    commutes: boolean,
  ): Importer =>
  (node: ImportNode) => {
    const [a, b] = [operand(node, 0), operand(node, 1)];
    const [x, other] = commutes && a.op === "constant" ? [b, a] : [a, b];
    const isBias = node.type === "Add" && x.op === "conv2d"; // which int8 targets fold as it is
    const numbers = isBias ? undefined : perChannel(x, other);
    if (numbers === undefined) return op(a, b);
    const pairs = numbers.map(affine);
    return channelwise(
      x,
      pairs.map(([scale]) => scale),
      pairs.map(([, offset]) => offset),
    );
  };

export const elementwise: Readonly<Record<string, Importer>> = {
  Abs: unary(abs),
  Add: withChannels(withBias, (c) => [1, c], true),
  Cast: importCast,
  Clip: importClip,
  Div: withChannels(div, (c) => [1 / c, 0], false),
  Elu: importElu,
  Erf: unary(erf),
  Exp: unary(exp),
  Gelu: importGelu,
  HardSigmoid: importHardSigmoid,
  HardSwish: unary(hardSwish),
  LeakyRelu: (node) => leakyRelu(operand(node, 0), numberOf(node, "alpha", 0.01)),
  Log: unary(log),
  Max: folded(maximum),
  Min: folded(minimum),
  Mul: withChannels(mul, (c) => [c, 0], true),
  Neg: unary(neg),
  Pow: importPow,
  PRelu: importPRelu,
  Relu: unary(relu),
  Sigmoid: unary(sigmoid),
  Softplus: unary(softplus),
  Sqrt: unary(sqrt),
  Sub: withChannels(sub, (c) => [1, -c], false),
  Sum: folded(add),
  Tanh: unary(tanh),
};
