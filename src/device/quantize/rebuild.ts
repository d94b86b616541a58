/** @file A node with other operands. */

import { makeNode, type Value, withOrigin } from "../../engine/graph/index.ts";

/** @returns the same operator on other operands of the same types; itself if none changed */
export function rebuilt(value: Value, inputs: readonly Value[]): Value {
  if (inputs.every((operand, index) => operand === value.inputs[index])) return value;
  const { op, attrs, dtype, shape, origin } = value;
  return withOrigin(makeNode(op, inputs, attrs, { dtype, shape }), origin);
}
