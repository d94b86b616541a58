/** @file Logits of some classes, and labels as their indices, in a graph. */

import { constant, type Value } from "../engine/graph/index.ts";
import { gather } from "../engine/ops/index.ts";

/**
 * @param logits float32 [batch, classes]
 * @returns float32 [batch, columns]
 */
export function columnsOf(logits: Value, columns: Int32Array): Value {
  return gather(logits, integers(columns), 1); // [batch, columns]
}

/**
 * @param labels int32 [batch], class indices
 * @returns int32 [batch]: their places among `columns`; 0 for a class that is not there
 */
export function indexIn(columns: Int32Array, labels: Value, classes: number): Value {
  const places = Int32Array.from({ length: classes }, (_, label) =>
    Math.max(0, columns.indexOf(label)),
  );
  return gather(integers(places), labels); // [batch]
}

function integers(data: Int32Array): Value {
  return constant({ dtype: "int32", shape: [data.length], data });
}
