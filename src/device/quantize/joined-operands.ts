/** @file Operands that a kernel gives another scale than that of what they are joined to. */

import { type Value, withOrigin } from "../../engine/graph/index.ts";
import { type FloatLayer, noLimits } from "./lowering/float-layer.ts";
import type { Quantization } from "./quantized-graph.ts";
import { sameQuantization } from "./shared-scales.ts";

interface JoinedLayers {
  readonly layers: readonly FloatLayer[];
  readonly quantizations: ReadonlyMap<Value, Quantization>;
}

/** @returns the layers with a requantize before each concat for such operands, their values too */
export function requantizeJoined(
  layers: readonly FloatLayer[],
  quantizations: ReadonlyMap<Value, Quantization>,
): JoinedLayers {
  const all = new Map(quantizations);
  const made = layers.flatMap((layer): readonly FloatLayer[] => {
    if (layer.kind !== "concat") return [layer];
    const to = quantizations.get(layer.output)!; // of every value
    const before: FloatLayer[] = [];
    const inputs = layer.inputs.map((operand) => {
      if (sameQuantization(quantizations.get(operand)!, to)) return operand;
      const output = withOrigin(operand, operand.origin); // like it, and another value
      all.set(output, to);
      before.push({ kind: "requantize", inputs: [operand], output, limits: noLimits });
      return output;
    });
    return [...before, { ...layer, inputs }];
  });
  return { layers: made, quantizations: all };
}
