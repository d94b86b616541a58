/** @file Importers of operators that only move elements: shapes, axes, parts. */

import { constant, type Value } from "../graph/index.ts";
import { concat, expand, gather, pad, reshape, slice, transpose } from "../ops/index.ts";
import { elementCount, float32, isFloat, normalizeAxis, showShape } from "../tensor/index.ts";
import {
  axesOf,
  constantOf,
  dataOf,
  type Importer,
  type ImportNode,
  int64,
  numberOf,
  numbersOf,
  operand,
  tensorOf,
  textOf,
  typeText,
} from "./node.ts";

/** @returns the same elements in another shape; a constant stays one, and nothing is kept twice */
export function viewed(x: Value, shape: readonly number[]): Value {
  const tensor = tensorOf(x);
  if (tensor !== undefined) return constant({ ...tensor, shape });
  if (x.shape.join() === shape.join()) return x;
  const source = x.op === "reshape" ? x.inputs[0]! : x;
  return source.shape.join() === shape.join() ? source : reshape(source, shape);
}

/** 0 keeps a size, −1 takes what is left; a batch size that the file fixes is 1. */
const importReshape: Importer = (node) => {
  const x = operand(node, 0);
  const wanted = constantOf(node, 1, "the new shape");
  const keepsZero = numberOf(node, "allowzero", 0) === 0;
  const sizes = wanted.map((size, axis) => (size === 0 && keepsZero ? (x.shape[axis] ?? 0) : size));
  const batch = node.fixedBatch !== undefined && sizes[0] === node.fixedBatch;
  const known = batch && x.op !== "constant" ? sizes.with(0, 1) : sizes;
  const rest = known.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  const total = elementCount(x.shape);
  const shape = known.map((size) => (size === -1 ? total / rest : size));
  if (elementCount(shape) !== total || !shape.every(Number.isInteger))
    return node.refuse(
      `the new shape must hold the ${total} elements of one sample`,
      showShape(wanted),
      "Export with a free batch axis: reshape to [-1, ...] or [0, ...]",
    );
  return viewed(x, shape);
};

const importFlatten: Importer = (node) => {
  const x = operand(node, 0);
  const axis = numberOf(node, "axis", 1);
  const split = axis < 0 ? axis + x.shape.length : axis;
  return viewed(x, [elementCount(x.shape.slice(0, split)), elementCount(x.shape.slice(split))]);
};

const importSqueeze: Importer = (node) => {
  const x = operand(node, 0);
  const axes = axesOf(node, 1)?.map((axis) => normalizeAxis("Squeeze", axis, x.shape.length));
  const goes = (size: number, axis: number): boolean => (axes ? axes.includes(axis) : size === 1);
  if (axes?.some((axis) => x.shape[axis] !== 1) === true)
    return node.refuse("only axes of size 1 go", typeText(x), "Export the model again");
  const kept = x.shape.flatMap((size, axis) => (goes(size, axis) ? [] : [axis]));
  return withAxes(x, kept);
};

/**
 * @param kept axes; the others are of size 1. @returns x without these, and without a transposition
 *   that then moves nothing, so that a free batch stays in front
 */
function withAxes(x: Value, kept: readonly number[]): Value {
  const perm = x.op === "transpose" ? (x.attrs.perm as readonly number[]) : undefined; // its own
  const from = perm && kept.map((axis) => perm[axis]!);
  const isInOrder = from?.every((axis, at) => at === 0 || axis > from[at - 1]!) === true;
  const source = isInOrder ? x.inputs[0]! : x;
  return viewed(
    source,
    kept.map((axis) => x.shape[axis]!),
  );
}

const importUnsqueeze: Importer = (node) => {
  const x = operand(node, 0);
  const given = axesOf(node, 1) ?? [];
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => normalizeAxis("Unsqueeze", axis, rank));
  const rest = [...x.shape];
  return viewed(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
  );
};

/**
 * Transposes that follow each other are one, and one that moves only axes of size 1 is a reshape;
 * not where the batch moves, which may be free again when the graph is compiled.
 */
const importTranspose: Importer = (node) => {
  const x = operand(node, 0);
  const perm = numbersOf(node, "perm") ?? x.shape.map((_, axis) => axis).toReversed();
  const before = x.op === "transpose" ? (x.attrs.perm as readonly number[]) : undefined; // its own
  const source = before === undefined ? x : x.inputs[0]!;
  const whole = before === undefined ? perm : perm.map((axis) => before[axis]!);
  const shape = whole.map((axis) => source.shape[axis]!);
  const tensor = tensorOf(source);
  if (tensor !== undefined) return transposedConstant(source, whole);
  const long = whole.filter((axis) => source.shape[axis] !== 1);
  const inOrder = whole[0] === 0 && long.every((axis, at) => at === 0 || axis > long[at - 1]!);
  return inOrder ? viewed(source, shape) : transpose(source, whole);
};

function transposedConstant(x: Value, perm: readonly number[]): Value {
  const tensor = tensorOf(x)!; // the caller has seen it
  const shape = perm.map((axis) => tensor.shape[axis]!);
  const strides = tensor.shape.map((_, axis) => elementCount(tensor.shape.slice(axis + 1)));
  const data = tensor.data.slice();
  for (let to = 0; to < data.length; to++) {
    let [rest, from] = [to, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * strides[perm[axis]!]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    data[to] = tensor.data[from]!;
  }
  return constant({ ...tensor, shape, data } as typeof tensor); // the same array type
}

const importConcat: Importer = (node) => {
  const values = node.inputs.map((_, at) => operand(node, at));
  const axis = numberOf(node, "axis", 0);
  const parts = values.map(dataOf);
  if (values.every(({ dtype, shape }) => dtype === "int64" && shape.length === 1))
    if (parts.every((part) => part !== undefined))
      return int64([parts.flat().length], parts.flat() as number[]); // none is undefined
  return concat(values, axis);
};

interface SliceNumbers {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[] | undefined;
  readonly steps: readonly number[] | undefined;
}

/** Of known sizes, which exporters also reverse: steps may be negative. */
function slicedSizes(x: Value, { starts, ends, axes, steps }: SliceNumbers): Value {
  const kept = x.shape.map((size, axis) => {
    const at =
      axes?.findIndex((given) => (given < 0 ? given + x.shape.length : given) === axis) ?? axis;
    const all = Array.from({ length: size }, (_, index) => index);
    if (at < 0 || starts[at] === undefined) return all;
    const step = steps?.[at] ?? 1;
    const place = (index: number): number => (index < 0 ? index + size : index);
    const [from, to] = [place(starts[at]), place(ends[at]!)];
    const within = (index: number): boolean =>
      step > 0 ? index >= from && index < to : index <= from && index > Math.max(to, -1);
    const ordered = step > 0 ? all : all.toReversed();
    return ordered.filter(within).filter((_, index) => index % Math.abs(step) === 0);
  });
  const data = dataOf(x)!; // a constant
  const places = kept.reduce(
    (before: readonly number[], own, axis) =>
      before.flatMap((at) => own.map((index) => at * x.shape[axis]! + index)),
    [0],
  );
  return int64(
    kept.map(({ length }) => length),
    places.map((at) => data[at]!),
  );
}

/**
 * Axes taken whole are left out: the batch, above all, whose size may be free again when the graph
 * is compiled.
 */
const importSlice: Importer = (node) => {
  const x = operand(node, 0);
  const [starts, ends] = [constantOf(node, 1, "starts"), constantOf(node, 2, "ends")];
  const axes = node.inputs[3] && constantOf(node, 3, "axes");
  const steps = node.inputs[4] && constantOf(node, 4, "steps");
  const tensor = tensorOf(x);
  if (tensor?.dtype === "int64") return slicedSizes(x, { starts, ends, axes, steps });
  if (steps?.some((step) => step < 1) === true)
    return node.refuse("steps must be at least 1", showShape(steps), "Reverse outside the model");
  const given = axes ?? starts.map((_, axis) => axis);
  const cut = given.flatMap((axis, at) => {
    const size = x.shape[normalizeAxis("Slice", axis, x.shape.length)]!;
    const [start, end, step] = [starts[at] ?? 0, ends[at] ?? size, steps?.[at] ?? 1];
    const isWhole = (start === 0 || start <= -size) && end >= size && step === 1;
    return isWhole ? [] : [{ axis, start, end, step }];
  });
  if (cut.length === 0) return x;
  const big = Number.MAX_SAFE_INTEGER; // int64's largest: the end
  return slice(x, {
    starts: cut.map(({ start }) => start),
    ends: cut.map(({ end }) => Math.max(-big, Math.min(big, end))),
    axes: cut.map(({ axis }) => axis),
    steps: cut.map(({ step }) => step),
  });
};

/** Sizes are an attribute up to opset 12, then an operand; without them the parts are equal. */
const importSplit: Importer = (node) => {
  const x = operand(node, 0);
  const axis = normalizeAxis("Split", numberOf(node, "axis", 0), x.shape.length);
  const size = x.shape[axis]!;
  const count = node.outputs.length;
  const whole = Math.ceil(size / count);
  const sizes =
    numbersOf(node, "split") ??
    (node.inputs[1] ? constantOf(node, 1, "sizes") : undefined) ??
    node.outputs.map((_, at) => Math.min(whole, size - at * whole));
  let start = 0;
  return sizes.map((length) => {
    const part = slice(x, { starts: [start], ends: [start + length], axes: [axis] });
    start += length;
    return part;
  });
};

const importPad: Importer = (node) => {
  const x = operand(node, 0);
  const mode = textOf(node, "mode", "constant");
  if (mode !== "constant")
    return node.refuse("the border must be constant", mode, "Pad with zeros");
  const pads = numbersOf(node, "pads") ?? constantOf(node, 1, "pads");
  const value = node.inputs[2] ? constantOf(node, 2, "the value")[0] : numberOf(node, "value", 0);
  const axes = axesOf(node, 3) ?? x.shape.map((_, axis) => axis);
  const places = axes.map((axis) => normalizeAxis("Pad", axis, x.shape.length));
  const [before, after] = [0, places.length].map((from) =>
    x.shape
      .map((_, axis) => pads[from + places.indexOf(axis)] ?? 0)
      .map((size, axis) => (places.includes(axis) ? size : 0)),
  );
  const all = [...before!, ...after!];
  if (all.some((size) => size < 0))
    return node.refuse("a border must not be negative", showShape(pads), "Use Slice");
  return all.every((size) => size === 0)
    ? x
    : pad(x, { before: before!, after: after!, value: value ?? 0 });
};

/** Of a known vector of sizes, of a table by computed indices, or one place of an axis. */
const importGather: Importer = (node) => {
  const [x, indices] = [operand(node, 0), operand(node, 1)];
  const [data, places] = [dataOf(x), dataOf(indices)];
  if (x.dtype === "int64" && x.shape.length === 1 && data !== undefined && places !== undefined)
    return int64(
      indices.shape,
      places.map((at) => data.at(at)!),
    );
  const axis = normalizeAxis("Gather", numberOf(node, "axis", 0), x.shape.length);
  const [place] = places ?? [];
  if (indices.shape.length > 0 || place === undefined || !isFloat(x.dtype))
    return gather(x, indices, axis);
  const size = x.shape[axis]!;
  const at = place < 0 ? place + size : place;
  const others = x.shape.flatMap((_, other) => (other === axis ? [] : [other]));
  if (x.op === "transpose" && size === 1 && at === 0) return withAxes(x, others); // a recurrent unit's one direction
  if (!(at >= 0 && at < size))
    return node.refuse(
      `an index must be one of the ${size} of its axis`,
      String(place),
      "Export the model with indices inside its tensors",
    );
  const one = slice(x, { starts: [at], ends: [at + 1], axes: [axis] });
  return viewed(
    one,
    others.map((other) => x.shape[other]!),
  );
};

const importExpand: Importer = (node) => {
  const x = operand(node, 0);
  const wanted = constantOf(node, 1, "the new shape");
  const rank = Math.max(wanted.length, x.shape.length);
  const at = (shape: readonly number[], axis: number): number =>
    shape[axis - rank + shape.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(at(x.shape, axis), at(wanted, axis)),
  );
  const known = dataOf(x);
  const [one] = x.dtype === "float32" ? (known ?? []) : [];
  return one !== undefined && known?.every((element) => element === one) === true
    ? constant(float32(shape, new Float32Array(elementCount(shape)).fill(one)))
    : expand(x, shape);
};

function importShape(node: ImportNode): Value {
  const { shape } = operand(node, 0);
  const [start, end] = [numberOf(node, "start", 0), numberOf(node, "end", shape.length)];
  const part = shape.slice(start, end);
  return int64([part.length], part);
}

export const layout: Readonly<Record<string, Importer>> = {
  Concat: importConcat,
  Expand: importExpand,
  Flatten: importFlatten,
  Gather: importGather,
  Pad: importPad,
  Reshape: importReshape,
  Shape: importShape,
  Slice: importSlice,
  Split: importSplit,
  Squeeze: importSqueeze,
  Transpose: importTranspose,
  Unsqueeze: importUnsqueeze,
};
