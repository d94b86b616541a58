/** @file That what is exported in int8 is an integer network: a model in float is none. */

import { QuantizeError } from "../../errors/index.ts";

/**
 * @param where who was asked
 * @throws QuantizeError "quantize/graph" for anything but a QuantizedGraph
 */
export function assertQuantized(where: string, graph: unknown): void {
  const { tensors, layers } = Object(graph) as {
    readonly tensors?: unknown;
    readonly layers?: unknown;
  };
  if (Array.isArray(tensors) && Array.isArray(layers)) return;
  throw new QuantizeError("quantize/graph", {
    where,
    rule: "there must be an integer network, a QuantizedGraph",
    got:
      Object(graph) === graph
        ? `an object with ${Object.keys(Object(graph)).join(", ")}`
        : String(graph),
    fix: "Quantise the model first: quantizeModel(model, { runtime, calibration })",
  });
}
