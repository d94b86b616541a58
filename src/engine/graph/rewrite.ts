/** @file Graphs made from graphs: what passes do to each value, operands first. */

import { type Graph, valuesOf } from "./graph.ts";
import type { Value } from "./value.ts";

/** @returns the same operator on other operands of the same types; itself if none changed */
export function withInputs(value: Value, inputs: readonly Value[]): Value {
  const isSame = inputs.every((operand, position) => operand === value.inputs[position]);
  return isSame ? value : Object.freeze({ ...value, inputs });
}

/**
 * @param replace takes a value on its operands as they are now, the value as it was, and what each
 *   value before it has become, to which it may add values that come later; returns what takes its
 *   place
 */
export function rewriteGraph(
  graph: Graph,
  replace: (now: Value, was: Value, replaced: Map<Value, Value>) => Value,
): Graph {
  const replaced = new Map<Value, Value>();
  for (const was of valuesOf(graph)) {
    if (replaced.has(was)) continue;
    const inputs = was.inputs.map((operand) => replaced.get(operand)!); // topological order
    replaced.set(was, replace(withInputs(was, inputs), was, replaced));
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: replaced.get(value)! }));
  return { ...graph, outputs };
}
