/** @file A recurrent network over another number of steps: one, for networks that listen. */

import type { QuantizedGraph, QuantizedLayer } from "./quantized-graph.ts";

/**
 * @returns the network for sequences of `steps` positions, or undefined if it is not one whose
 *   recurrent layers read the input, of whose last state all else is made
 */
export function withSteps(graph: QuantizedGraph, steps: number): QuantizedGraph | undefined {
  const [, positions] = graph.tensors[graph.input]!.shape;
  const long = new Set([graph.input]);
  let last: QuantizedLayer | undefined;
  let units = 0;
  for (const layer of graph.layers) {
    const from = layer.inputs[0]!;
    if (!layer.inputs.some((input) => long.has(input))) continue;
    const shape = graph.tensors[layer.output]!.shape;
    if (layer.kind === "slice" && last === undefined && units > 0) {
      if (layer.start !== (positions! - 1) * units || shape[1] !== 1) return undefined;
      last = layer;
    } else if (layer.kind === "gru" && shape.length === 3) {
      units = shape[2]!;
      long.add(layer.output);
    } else if (layer.kind === "reshape" && shape.join() === graph.tensors[from]!.shape.join())
      long.add(layer.output);
    else return undefined;
  }
  if (last === undefined || long.has(graph.output)) return undefined;
  return {
    ...graph,
    tensors: graph.tensors.map((tensor, at) =>
      long.has(at) ? { ...tensor, shape: [1, steps, tensor.shape[2]!] } : tensor,
    ),
    layers: graph.layers.map((layer) =>
      layer === last && layer.kind === "slice" ? { ...layer, start: (steps - 1) * units } : layer,
    ),
  };
}
