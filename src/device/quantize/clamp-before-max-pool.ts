/**
 * @file Clamps after max pooling moved before it, where they fuse into the layer that computes the
 * values: max and a clamp may change places, for both are monotonic.
 */

import {
  type Graph,
  rewriteGraph,
  usesOf,
  type Value,
  withInputs,
} from "../../engine/graph/index.ts";

const clamps: readonly string[] = ["relu", "relu6", "clip"];

/** Replaces clamp(maxPool(x)) by maxPool(clamp(x)) where nothing else reads the pooled values. */
export function clampBeforeMaxPool(graph: Graph): Graph {
  const uses = usesOf(graph);
  return rewriteGraph(graph, (node, { op, inputs: [pool] }) => {
    const moves = clamps.includes(op) && pool?.op === "maxPool" && uses.once(pool);
    return moves ? swapped(node, node.inputs[0]!) : node;
  });
}

function swapped(clamp: Value, pool: Value): Value {
  const x = pool.inputs[0]!; // maxPool has one operand
  return withInputs(pool, [withInputs({ ...clamp, shape: x.shape }, [x])]);
}
