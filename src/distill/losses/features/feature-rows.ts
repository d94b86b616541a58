/** @file Features as one row per sample: checked, laid flat, brought to length 1. */

import type { Value } from "../../../engine/graph/index.ts";
import {
  div,
  greater,
  mul,
  reduceSum,
  reshape,
  where as select,
  sqrt,
} from "../../../engine/ops/index.ts";
import { elementCount, showShape } from "../../../engine/tensor/index.ts";
import { ShapeError } from "../../../errors/index.ts";
import { zeroThreshold } from "../zero-threshold.ts";

/**
 * @param student float [batch, ...]; @param teacher float [batch, ...], any sizes after the batch
 * @throws ShapeError "shape/rank" for less than two axes; "shape/mismatch" unless both have one
 *   batch
 */
export function assertBatches(where: string, student: Value, teacher: Value): void {
  const shapes = [student.shape, teacher.shape];
  const got = shapes.map(showShape).join(" and ");
  if (shapes.some(({ length }) => length < 2))
    throw new ShapeError("shape/rank", {
      where,
      rule: "student and teacher must be features [batch, ...] of at least two axes",
      got,
      fix: "Give a layer's output for a batch of samples",
      details: { shapes },
    });
  if (student.shape[0] !== teacher.shape[0])
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "student and teacher must be features of the same batch",
      got,
      fix: "Give both models the same samples",
      details: { shapes },
    });
}

/** @returns [batch, elements] of features [batch, ...] */
export function rowsOf(features: Value): Value {
  const [batch, ...rest] = features.shape;
  return rest.length === 1 ? features : reshape(features, [batch!, elementCount(rest)]);
}

/**
 * Each row divided by its length; a row of zeros stays one, and no gradient flows into it.
 *
 * @param x float [rows, elements]; @returns same shape
 */
export function unitRows(x: Value): Value {
  const squares = reduceSum(mul(x, x), { axes: [1], keepDims: true }); // [rows, 1]
  const isLong = greater(squares, zeroThreshold);
  const length = sqrt(select(isLong, squares, 1));
  return mul(x, select(isLong, div(1, length), 0));
}
