/** @file The one rule about float weights. */

import { QuantizeError } from "../../errors/index.ts";

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
