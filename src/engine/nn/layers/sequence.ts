/** @file Several layers as one. */

import { chain, innerContext, type NamedBuilder } from "../chain.ts";
import type { LayerBuilder } from "../layer.ts";

/**
 * Layers one after another, as one layer: a block. Parameters keep their paths:
 * "block1/conv/kernel".
 *
 * @throws ConfigError "config/duplicate-name"
 */
export function sequence(builders: readonly NamedBuilder[], kind = "sequence"): LayerBuilder {
  return (inputShape) => {
    const { parameters, outputShape, macs, apply } = chain(inputShape, builders);
    return {
      kind,
      parameters,
      outputShape,
      macs,
      apply: (x, context) => apply(x, (name, place) => innerContext(context, name, place)),
    };
  };
}
