/** @file What quantisation refuses: sums too large, weights not finite, models in float. */

import { QuantizeError } from "../../errors/index.ts";

/** Sums, after a multiplier's left shift, stay below 2³⁰, so that every rounding is defined. */
export function assertSmall(name: string, largest: number, multiplier: number): void {
  if (largest * Math.max(1, 2 * multiplier) < 2 ** 30) return;
  throw new QuantizeError("quantize/accumulator", {
    where: name,
    rule: "sums must stay below 2^30 when brought to the output's scale",
    got: `sums up to ${largest} times ${multiplier.toPrecision(3)}`,
    fix: "Calibrate with samples that exercise this layer, or give it fewer inputs or smaller weights",
    details: { largest, multiplier },
  });
}

/** @throws QuantizeError "quantize/weights" naming the layer and the tensor that is not finite */
export function assertFiniteWeights(
  layer: string,
  tensors: Readonly<Record<string, Float32Array>>,
): void {
  for (const [name, data] of Object.entries(tensors)) {
    const found = data.filter((value) => !Number.isFinite(value));
    if (found.length === 0) continue;
    throw new QuantizeError("quantize/weights", {
      where: layer,
      rule: `its ${name} must be finite`,
      got: `${found[0]}, ${found.length} of ${data.length} are not`,
      fix: "Find what made it: a training that diverged, or a variance of batch normalisation below 0",
      details: { tensor: name, count: found.length },
    });
  }
}

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
