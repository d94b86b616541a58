/** @file Importers of operators over whole axes. */

import type { Value } from "../graph/index.ts";
import {
  argMax,
  logSoftmax,
  type ReduceOptions,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  softmax,
} from "../ops/index.ts";
import { elementCount, normalizeAxis } from "../tensor/index.ts";
import { axesOf, type Importer, numberOf, operand } from "./node.ts";

const reduction =
  (op: (x: Value, options?: ReduceOptions) => Value): Importer =>
  (node) => {
    const axes = axesOf(node, 1);
    const keepDims = numberOf(node, "keepdims", 1) === 1;
    const x = operand(node, 0);
    if (axes === undefined || axes.length === 0)
      return numberOf(node, "noop_with_empty_axes", 0) === 1 ? x : op(x, { keepDims });
    return op(x, { axes, keepDims });
  };

/** Before opset 13 the default axis was 1, and the operator went over all axes from there on. */
const overAxis =
  (op: (x: Value, axis?: number) => Value): Importer =>
  (node) => {
    const x = operand(node, 0);
    const rank = x.shape.length;
    const given = numberOf(node, "axis", node.opset < 13 ? 1 : -1);
    const axis = normalizeAxis(node.type, given, rank);
    const behind = elementCount(x.shape.slice(axis + 1));
    if (node.opset < 13 && behind > 1)
      return node.refuse(
        `before opset 13 ${node.type} goes over all axes from ${axis} on, of which there must be one`,
        `${rank} axes`,
        "Export with opset 13 or newer",
      );
    return op(x, axis);
  };

const importArgMax: Importer = (node) => {
  if (numberOf(node, "select_last_index", 0) === 1)
    return node.refuse("the first of equal elements counts", "select_last_index", "Leave it out");
  const keepDims = numberOf(node, "keepdims", 1) === 1;
  return argMax(operand(node, 0), { axis: numberOf(node, "axis", 0), keepDims });
};

export const reductions: Readonly<Record<string, Importer>> = {
  ArgMax: importArgMax,
  LogSoftmax: overAxis(logSoftmax),
  ReduceMax: reduction(reduceMax),
  ReduceMean: reduction(reduceMean),
  ReduceMin: reduction(reduceMin),
  ReduceSum: reduction(reduceSum),
  Softmax: overAxis(softmax),
};
