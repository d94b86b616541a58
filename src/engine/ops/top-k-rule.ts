/** @file What topKValues and topKIndices share: options, checks and the one ONNX node. */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { type DType, normalizeAxis, type Shape, showShape } from "../tensor/index.ts";
import type { OnnxContext } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis } from "./window.ts";

export interface TopKOptions {
  /** how many, 1 … the axis's size */
  readonly k: number;
  /** default the last */
  readonly axis?: number;
  /** the largest (default) or, if false, the smallest */
  readonly largest?: boolean;
}

export type TopKAttrs = {
  readonly k: number;
  readonly axis: number;
  readonly largest: boolean;
};

/** The dtypes that ONNX Runtime's TopK takes. */
const topKDTypes: readonly DType[] = ["float32", "float64", "int32", "int64"];

/** @throws ShapeError "shape/axis" */
export function topKAttrs(where: string, x: Value, options: TopKOptions): TopKAttrs {
  const { k, axis = -1, largest = true } = options;
  return { k, axis: normalizeAxis(where, axis, x.shape.length), largest };
}

/**
 * @returns the result's shape
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/empty": ONNX Runtime's TopK ends the
 *   whole process on an empty tensor; ShapeError "shape/top-k"
 */
export function topKShape(where: string, x: TensorType, { k, axis }: TopKAttrs): Shape {
  assertDType(where, x, topKDTypes);
  assertNoEmptyAxis(where, x);
  if (!Number.isInteger(k) || k < 1 || k > x.shape[axis]!)
    throw new ShapeError("shape/top-k", {
      where,
      rule: `k must be an integer in 1 … ${x.shape[axis]}, the size of axis ${axis} of ${showShape(x.shape)}`,
      got: String(k),
      fix: "Ask for fewer",
      details: { shape: x.shape, axis, k },
    });
  return x.shape.with(axis, k);
}

/**
 * Both operators emit the same node, which ONNX Runtime joins, unless both results leave the graph
 * as they are. @returns the names of values and indices
 */
export function emitTopK({ emit, inputs, attrs }: OnnxContext<TopKAttrs>): readonly string[] {
  const attributes = { axis: BigInt(attrs.axis), largest: attrs.largest ? 1n : 0n, sorted: 1n };
  return emit.nodes("TopK", [inputs[0]!, emit.int64([attrs.k])], 2, attributes);
}
