/** @file Layer normalisation as a layer. */

import { layerNormalization } from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { scaleAndOffset } from "../parameter-kinds.ts";

/**
 * Normalises the last axis of each position: [..., features].
 *
 * @param options.epsilon default 1e-5, PyTorch's
 * @see Ba, Kiros, Hinton (2016), Layer Normalization, arXiv:1607.06450
 */
export function layerNorm({ epsilon = 1e-5 }: { readonly epsilon?: number } = {}): LayerBuilder {
  return (inputShape) => ({
    kind: "layer norm",
    parameters: scaleAndOffset(inputShape.at(-1)!),
    outputShape: inputShape,
    macs: 0,
    apply: (x, { parameter }) =>
      layerNormalization(x, parameter("scale"), parameter("offset"), { epsilon }),
  });
}
