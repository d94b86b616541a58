/** @file A graph as stable text, one value a line. Tests snapshot it; people read it. */

import { showShape } from "../tensor/index.ts";
import { type Graph, valuesOf } from "./graph.ts";
import type { AttrValue, Value } from "./value.ts";

function showAttr(value: AttrValue): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if ("data" in value) {
    const shown = Array.from(value.data.subarray(0, 4), String).join(", ");
    return `${value.dtype}${showShape(value.shape)}{${shown}${value.data.length > 4 ? ", …" : ""}}`;
  }
  return showShape(value);
}

/**
 * @example
 *   step(x: float32[2, 3]) → y
 *     %0 = relu(x) : float32[2, 3]
 *     y = %0
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>(graph.inputs.map((value) => [value, value.name]));
  const lines: string[] = [];
  for (const value of valuesOf(graph)) {
    if (names.has(value)) continue;
    const name = `%${lines.length}`;
    names.set(value, name);
    const operands = value.inputs.map((operand) => names.get(operand) ?? "?");
    const attrs = Object.entries(value.attrs).map(([key, attr]) => `${key}=${showAttr(attr)}`);
    const origin = value.origin === "" ? "" : `  # ${value.origin}`;
    const type = `${value.dtype}${showShape(value.shape)}`;
    lines.push(`  ${name} = ${value.op}(${[...operands, ...attrs].join(", ")}) : ${type}${origin}`);
  }
  const inputs = graph.inputs.map(
    ({ name, dtype, shape }) => `${name}: ${dtype}${showShape(shape)}`,
  );
  const outputs = graph.outputs.map(({ name }) => name);
  const results = graph.outputs.map(({ name, value }) => `  ${name} = ${names.get(value) ?? "?"}`);
  return `${[`${graph.name}(${inputs.join(", ")}) → ${outputs.join(", ")}`, ...lines, ...results].join("\n")}\n`;
}
