/** @file A graph: named inputs, named outputs, and everything between them. */

import { GraphError } from "../../errors/index.ts";
import { elementCount, showShape, type Tensor } from "../tensor/index.ts";
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
 * each input is a placeholder; each name of an input or an output is used once and not empty; each
 * placeholder reached is a declared input; sizes are non-negative integers; a constant's type is
 * its tensor's type, and its tensor is full.
 *
 * @throws GraphError "graph/invalid" naming the broken invariant
 */
export function verifyGraph(graph: Graph): void {
  const broken: Broken = (rule, got) => {
    throw new GraphError("graph/invalid", { where: `graph "${graph.name}"`, rule, got });
  };
  verifyNames(graph, broken);
  const declared = new Set(graph.inputs);
  for (const value of graph.inputs)
    if (value.op !== "input")
      broken("every input must be a placeholder", `a result of ${value.op}`);
  for (const value of valuesOf(graph)) {
    if (value.op === "input" && !declared.has(value))
      broken("every placeholder must be declared as an input", `undeclared "${value.name}"`);
    if (value.shape.some((size) => !Number.isInteger(size) || size < 0))
      broken("sizes must be non-negative integers", `${value.op} of [${value.shape}]`);
    if (value.op === "constant") verifyConstant(value, broken);
  }
}

type Broken = (rule: string, got: string) => never;

/** In ONNX, inputs and outputs share one space of names. */
function verifyNames(graph: Graph, broken: Broken): void {
  const inputs = graph.inputs.map((value) => value.name);
  const outputs = graph.outputs.map((output) => output.name);
  for (const [kind, names] of [
    ["input", inputs],
    ["output", outputs],
  ] as const) {
    const seen = new Set<string>();
    for (const name of names) {
      if (name === "") broken(`every ${kind} needs a name`, '""');
      if (seen.has(name)) broken(`${kind} names must be unique`, `"${name}" twice`);
      seen.add(name);
    }
  }
  const both = outputs.find((name) => inputs.includes(name));
  if (both !== undefined)
    broken("an output must not be named like an input", `"${both}" on both sides`);
}

function verifyConstant({ dtype, shape, attrs }: Value, broken: Broken): void {
  const value = attrs.value as Tensor; // constant() puts it there
  const type = `${dtype}${showShape(shape)}`;
  const own = `${value.dtype}${showShape(value.shape)}`;
  if (type !== own) broken("a constant must have its tensor's type", `${type} of a ${own}`);
  if (value.data.length !== elementCount(shape))
    broken("a constant's tensor must be full", `${value.data.length} elements of ${type}`);
}
