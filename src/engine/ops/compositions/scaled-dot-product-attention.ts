/** @file Scaled dot-product attention, with masks. */

import { ShapeError } from "../../../errors/index.ts";
import { constant, type Value } from "../../graph/index.ts";
import { showShape, tensor } from "../../tensor/index.ts";
import { and } from "../and.ts";
import { assertFloat } from "../assert.ts";
import { matMul } from "../mat-mul.ts";
import { mul } from "../mul.ts";
import { softmax } from "../softmax.ts";
import { transpose } from "../transpose.ts";
import { where as choose } from "../where.ts";

export interface AttentionOptions {
  /**
   * bool, broadcast to [..., queries, keys]: true where a query may look at a key. A query that may
   * look at none attends to all alike
   */
  readonly mask?: Value;
  /** a query sees only keys at its own place and before; default false */
  readonly causal?: boolean;
  /** default 1 / √width */
  readonly scale?: number;
}

const where = "scaledDotProductAttention";

/** Score of a hidden key: exp of it is 0 beside any real score, in float32 and float64. */
const hidden = -1e30;

/** @returns bool [queries, keys], true at and below the diagonal */
function lowerTriangle(queries: number, keys: number): Value {
  const data = Uint8Array.from({ length: queries * keys }, (_, i) =>
    i % keys <= Math.floor(i / keys) ? 1 : 0,
  );
  return constant(tensor("bool", [queries, keys], data));
}

/**
 * y = softmax(q kᵀ · scale) v: each query's mean of the values, weighted by how well their keys
 * match.
 *
 * @param query float32 [..., queries, width]
 * @param key float32 [..., keys, width]
 * @param value float32 [..., keys, valueWidth]
 * @returns float32 [..., queries, valueWidth]
 * @throws ShapeError "shape/mismatch", for operands of one axis or of different ranks too;
 *   DTypeError "dtype/float" for integers, "dtype/bool" for a mask that is not bool; the errors of
 *   matMul
 * @see Vaswani et al. (2017), Attention Is All You Need, eq. 1, arXiv:1706.03762
 */
export function scaledDotProductAttention(
  query: Value,
  key: Value,
  value: Value,
  options: AttentionOptions = {},
): Value {
  const rank = query.shape.length;
  const [width, keys] = [query.shape.at(-1), key.shape.at(-2)];
  const fits = [key, value].every(({ shape }) => shape.length === rank);
  if (rank < 2 || !fits || key.shape.at(-1) !== width || value.shape.at(-2) !== keys)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "query [..., queries, width], key [..., keys, width] and value [..., keys, valueWidth] must agree",
      got: [query, key, value].map(({ shape }) => showShape(shape)).join(", "),
      fix: "Give query and key one width, and key and value one number of places",
      details: { query: query.shape, key: key.shape, value: value.shape },
    });
  assertFloat(where, query);
  const { scale = 1 / Math.sqrt(width!), causal = false, mask } = options;
  const axes = key.shape.map((_, axis) => axis);
  const keyColumns = transpose(key, [...axes.slice(0, -2), rank - 1, rank - 2]);
  const scores = matMul(mul(query, scale), keyColumns); // [..., queries, keys]
  const triangle = causal ? lowerTriangle(query.shape.at(-2)!, keys!) : undefined;
  const visible = triangle && mask ? and(mask, triangle) : (mask ?? triangle);
  const masked = visible === undefined ? scores : choose(visible, scores, hidden);
  return matMul(softmax(masked), value);
}
