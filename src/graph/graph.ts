/** @file A graph: named inputs, named outputs, and everything between them. */

import { GraphError } from "../errors/index.ts";
import type { Value } from "./value.ts";

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly GraphOutput[];
}

/**
 * Every value that the roots need, each after its inputs. The order is a function of the graph
 * alone.
 */
export function topologicalOrder(roots: readonly Value[]): Value[] {
  const order: Value[] = [];
  const done = new Set<Value>();
  const stack: { value: Value; next: number }[] = [];
  for (const root of roots) {
    if (!done.has(root)) stack.push({ value: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = top.value.inputs[top.next++];
      if (child === undefined) {
        stack.pop();
        if (!done.has(top.value)) order.push(top.value);
        done.add(top.value);
      } else if (!done.has(child)) stack.push({ value: child, next: 0 });
    }
  }
  return order;
}

/** @returns the graph's values in topological order */
export function valuesOf(graph: Graph): Value[] {
  return topologicalOrder(graph.outputs.map(({ value }) => value));
}

/**
 * Checks the invariants that every pass must keep:
 * each name of an input or an output is used once and not empty; each placeholder reached is a
 * declared input; sizes are non-negative integers; a constant's type is its tensor's type.
 *
 * @throws GraphError "graph/invalid" naming the broken invariant
 */
export function verifyGraph(graph: Graph): void {
  const broken = (rule: string, got: string): never => {
    throw new GraphError("graph/invalid", { where: `graph "${graph.name}"`, rule, got });
  };
  for (const [kind, names] of [
    ["input", graph.inputs.map((value) => value.name)],
    ["output", graph.outputs.map((output) => output.name)],
  ] as const) {
    const seen = new Set<string>();
    for (const name of names) {
      if (name === "") broken(`every ${kind} needs a name`, '""');
      if (seen.has(name)) broken(`${kind} names must be unique`, `"${name}" twice`);
      seen.add(name);
    }
  }
  const declared = new Set(graph.inputs);
  for (const value of valuesOf(graph)) {
    if (value.op === "input" && !declared.has(value))
      broken("every placeholder must be declared as an input", `undeclared "${value.name}"`);
    if (value.shape.some((size) => !Number.isInteger(size) || size < 0))
      broken("sizes must be non-negative integers", `${value.op} of [${value.shape}]`);
  }
}
