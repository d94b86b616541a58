/**
 * @file Sequences brought to the forms that int8 layers know: weights that are computed from
 * constants become constants, one-dimensional layers read images of height 1, and what only moves
 * elements goes behind what computes, so that normalisation and activations fuse as in images.
 */

import {
  constant,
  type Graph,
  rewriteGraph,
  type Value,
  withInputs,
  withOrigin,
} from "../../engine/graph/index.ts";
import { concat, globalAveragePool, reshape, transpose } from "../../engine/ops/index.ts";
import { elementCount, float32, type Shape } from "../../engine/tensor/index.ts";
import { constantData } from "./fold-batch-norm.ts";

/** Of one element each, and not changed by the shape. */
const pointwise: readonly string[] = ["relu", "relu6", "clip", "sigmoid", "tanh", "leakyRelu"];

const same = (a: Shape, b: Shape): boolean => a.join() === b.join();

/** Rewrites a graph of batch 1; values of other graphs stay as they are. */
export function sequenceForms(graph: Graph): Graph {
  return rewriteGraph(graph, (node, value) => {
    const path = shapedKernelPath(value);
    const own = path === "" ? node : withOrigin(node, path);
    return foldedConstant(own) ?? formOf(own);
  });
}

function formOf(value: Value): Value {
  const [x, other] = value.inputs;
  switch (value.op) {
    case "reshape":
      return reshaped(x!, value.shape);
    case "transpose":
      return x!.op === "transpose" && isIdentity(permOf(x!), permOf(value)) ? x!.inputs[0]! : value;
    case "batchNormalization":
      return x!.shape.length === 3 ? asImage(value) : value;
    case "reduceMean":
      return isMeanOfPositions(value) ? meanOfPositions(value) : value;
    case "add":
      return x!.op === "reshape" || other!.op === "reshape" ? sum(value) : value;
    case "concat":
      return joinsSequences(value) ? joinedAsImages(value) : value;
    case "gruSequence":
      return named(value, other!.name);
    default:
      return pointwise.includes(value.op) && x!.op === "reshape" ? behind(value) : value;
  }
}

/** @param weight name of a weight. @returns its folder, which is its layer's path */
const folderOf = (weight: string): string => weight.slice(0, Math.max(0, weight.lastIndexOf("/")));

/**
 * @returns the path of a convolution whose kernel was given another shape, as one-dimensional
 *   layers do: the reshape after it has the layer's path, the convolution that of the layer before;
 *   "" for others
 */
export function shapedKernelPath({ op, inputs }: Value): string {
  const kernel = inputs[1];
  return op === "conv2d" && kernel?.op === "reshape" ? folderOf(kernel.inputs[0]!.name) : "";
}

/** @param weight name of a weight, whose folder is the layer's path */
function named(value: Value, weight: string): Value {
  const path = folderOf(weight);
  return path === "" ? value : withOrigin(value, path);
}

const permOf = ({ attrs }: Value): readonly number[] => attrs.perm as readonly number[]; // transpose's

const isIdentity = (first: readonly number[], second: readonly number[]): boolean =>
  second.every((axis, at) => first[axis] === at);

/** one reshape in place of several, or none */
function reshaped(x: Value, shape: Shape): Value {
  const source = x.op === "reshape" ? x.inputs[0]! : x;
  return same(source.shape, shape) ? source : reshape(source, shape);
}

/** op(reshape(x)) → reshape(op(x)) */
function behind(value: Value): Value {
  const source = value.inputs[0]!.inputs[0]!;
  const inner = withInputs({ ...value, shape: source.shape }, [source]);
  return reshaped(inner, value.shape);
}

/** reshape(a) + b → reshape(a + reshape(b)) */
function sum(value: Value): Value {
  const [a, b] = [value.inputs[0]!, value.inputs[1]!];
  const inner = a.op === "reshape" ? a.inputs[0]! : b.inputs[0]!; // one of them is
  const isWhole = [a, b].every((term) => same(term.shape, value.shape) && term.op !== "constant");
  if (!isWhole || inner.shape.length !== 4) return value;
  const terms = [reshaped(a, inner.shape), reshaped(b, inner.shape)];
  return reshaped(withInputs({ ...value, shape: inner.shape }, terms), value.shape);
}

/** [1, channels, length] is normalised as [1, channels, 1, length]. */
function asImage(value: Value): Value {
  const [x, ...parts] = value.inputs;
  const [batch, channels, length] = value.shape as readonly [number, number, number]; // asked for
  const shape = [batch, channels, 1, length];
  const inner = withInputs({ ...value, shape }, [reshaped(x!, shape), ...parts]);
  return reshaped(inner, value.shape);
}

function isMeanOfPositions({ inputs, attrs }: Value): boolean {
  const axes = attrs.axes as readonly number[]; // reduceMean's own attribute
  return inputs[0]!.shape.length === 3 && axes.join() === "1";
}

/** [1, positions, features] → the mean of an image [1, features, 1, positions] */
function meanOfPositions(value: Value): Value {
  const image = imageOfHeight1(swapped(value.inputs[0]!));
  return reshaped(withOrigin(globalAveragePool(image), value.origin), value.shape);
}

function joinsSequences({ shape, attrs }: Value): boolean {
  return shape.length === 3 && shape[0] === 1 && Number(attrs.axis) > 0;
}

/** Either axis of sequences [1, rows, columns] is joined as the channels of images of height 1. */
function joinedAsImages(value: Value): Value {
  const isRows = value.attrs.axis === 1;
  const images = value.inputs.map((x) => imageOfHeight1(isRows ? x : swapped(x)));
  const image = withOrigin(concat(images, 1), value.origin);
  const [rows, columns] = value.shape.slice(1) as [number, number]; // a sequence's
  return isRows ? reshaped(image, value.shape) : swapped(reshaped(image, [1, columns, rows]));
}

/** [1, rows, columns] → [1, columns, rows] */
function swapped(x: Value): Value {
  const isSwapped = x.op === "transpose" && permOf(x).join() === "0,2,1";
  return isSwapped ? x.inputs[0]! : transpose(x, [0, 2, 1]);
}

/** [1, channels, length] → [1, channels, 1, length] */
function imageOfHeight1(x: Value): Value {
  const [batch, channels, length] = x.shape as readonly [number, number, number]; // asked for
  return reshaped(x, [batch, channels, 1, length]);
}

/** @returns the constant that an arrangement of constants is */
function foldedConstant(value: Value): Value | undefined {
  const parts = value.inputs.map(constantData);
  const [first] = parts;
  if (first === undefined || parts.includes(undefined)) return undefined;
  const { name } = value.inputs[0]!; // there is a first part
  const made = (data: Float32Array): Value => constant(float32(value.shape, data), name);
  if (value.op === "reshape") return made(first);
  if (value.op === "transpose" && value.shape.length === 2) {
    const [rows, columns] = value.inputs[0]!.shape as readonly [number, number]; // a matrix
    if (permOf(value).join() !== "1,0") return undefined;
    return made(first.map((_, at) => first[(at % rows) * columns + Math.floor(at / rows)]!));
  }
  return value.op === "concat" ? made(joined(value)) : undefined;
}

/** along any axis: each operand's run of elements in turn */
function joined(value: Value): Float32Array {
  const axis = Number(value.attrs.axis);
  const runs = value.inputs.map((part) => elementCount(part.shape.slice(axis)));
  const outer = elementCount(value.shape.slice(0, axis));
  const data = new Float32Array(elementCount(value.shape));
  let to = 0;
  for (let row = 0; row < outer; row++)
    value.inputs.forEach((part, at) => {
      const run = runs[at]!;
      data.set(constantData(part)!.subarray(row * run, (row + 1) * run), to); // all are constants
      to += run;
    });
  return data;
}
