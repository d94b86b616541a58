/** @file Names the operators of a graph that a runtime cannot run: each is tried alone. */

import { BackendError } from "../../errors/index.ts";
import { compileGraph, type FormChoice } from "../compile/index.ts";
import { type Graph, input, type Value, valuesOf } from "../graph/index.ts";
import type { Runtime } from "./runtime.ts";

/** @returns operator names, each once, in the order in which the graph needs them */
async function unsupportedOperators(
  runtime: Runtime,
  graph: Graph,
  forms: FormChoice = {},
): Promise<readonly string[]> {
  const tried = new Set<string>();
  const failed = new Set<string>();
  for (const value of valuesOf(graph)) {
    if (value.op === "input" || value.op === "constant" || failed.has(value.op)) continue;
    const types = value.inputs.map(
      ({ op, dtype, shape }) => `${op === "constant"}${dtype}${shape}`,
    );
    const key = JSON.stringify([value.op, types, value.attrs]);
    if (tried.has(key)) continue;
    tried.add(key);
    if (!(await loads(runtime, alone(value), forms))) failed.add(value.op);
  }
  return [...failed];
}

/**
 * The value's operator as a graph of its own: constants stay, other operands become placeholders.
 */
function alone(value: Value): Graph {
  const operands = value.inputs.map((operand, index) =>
    operand.op === "constant" ? operand : input(`operand${index}`, operand.dtype, operand.shape),
  );
  const inputs = operands.filter(({ op }) => op === "input");
  return {
    name: value.op,
    inputs,
    outputs: [{ name: "result", value: Object.freeze({ ...value, inputs: operands }) }],
  };
}

async function loads(runtime: Runtime, graph: Graph, forms: FormChoice): Promise<boolean> {
  try {
    const session = await runtime.load(compileGraph(graph, { forms }));
    await session.dispose();
    return true;
  } catch (cause) {
    if (cause instanceof BackendError) return false;
    throw cause;
  }
}

/**
 * Loads a graph's model, and says which operators are to blame where the runtime refuses it.
 *
 * @throws BackendError "backend/operator" naming them; "backend/load" if each alone would load
 */
export async function loadOrName<T>(
  runtime: Runtime,
  graph: Graph,
  forms: FormChoice,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof BackendError) || cause.code !== "backend/load") throw cause;
    const names = await unsupportedOperators(runtime, graph, forms);
    if (names.length === 0) throw cause;
    throw new BackendError("backend/operator", {
      where: `graph "${graph.name}" on ${runtime.name}`,
      rule: "the runtime must have every operator of the graph",
      got: `no kernel for ${names.join(", ")}`,
      fix: "Run it on the CPU, or change the network or optimiser",
      details: { operators: names },
      cause,
    });
  }
}
