/** @file Who reads each value of a graph. */

import { type Graph, valuesOf } from "./graph.ts";
import type { Value } from "./value.ts";

export interface Uses {
  /** the values that a value is an operand of; one that takes it twice is there twice */
  readonly readers: (value: Value) => readonly Value[];
  readonly isOutput: (value: Value) => boolean;
  /** whether it is one operand of one value and no output, or one output */
  readonly once: (value: Value) => boolean;
}

export function usesOf(graph: Graph): Uses {
  const readers = new Map<Value, Value[]>();
  for (const value of valuesOf(graph))
    for (const operand of value.inputs) {
      const known = readers.get(operand);
      if (known === undefined) readers.set(operand, [value]);
      else known.push(value);
    }
  const outputs = new Map<Value, number>();
  for (const { value } of graph.outputs) outputs.set(value, (outputs.get(value) ?? 0) + 1);
  const none: readonly Value[] = [];
  const readersOf = (value: Value): readonly Value[] => readers.get(value) ?? none;
  return {
    readers: readersOf,
    isOutput: (value) => outputs.has(value),
    once: (value) => readersOf(value).length + (outputs.get(value) ?? 0) === 1,
  };
}
