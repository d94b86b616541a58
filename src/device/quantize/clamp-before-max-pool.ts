/**
 * @file Clamps after max pooling moved before it, where they fuse into the layer that computes the
 * values: max and a clamp may change places, for both are monotonic.
 */

import { type Graph, type Value, valuesOf, withOrigin } from "../../engine/graph/index.ts";
import { countUses } from "./fold-batch-norm.ts";
import { rebuilt } from "./rebuild.ts";

const clamps: readonly string[] = ["relu", "relu6", "clip"];

/** Replaces clamp(maxPool(x)) by maxPool(clamp(x)) where nothing else reads the pooled values. */
export function clampBeforeMaxPool(graph: Graph): Graph {
  const values = valuesOf(graph);
  const uses = countUses(graph, values);
  const replaced = new Map<Value, Value>();
  for (const value of values) {
    const inputs = value.inputs.map((operand) => replaced.get(operand)!); // topological order
    const pool = value.inputs[0];
    const moves = clamps.includes(value.op) && pool?.op === "maxPool" && uses.get(pool) === 1;
    replaced.set(value, moves ? swapped(value, inputs[0]!) : rebuilt(value, inputs));
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: replaced.get(value)! }));
  return { ...graph, outputs };
}

function swapped(clamp: Value, pool: Value): Value {
  const x = pool.inputs[0]!; // maxPool has one operand
  const clamped = rebuilt({ ...clamp, shape: x.shape }, [x]);
  return withOrigin(rebuilt(pool, [clamped]), pool.origin);
}
