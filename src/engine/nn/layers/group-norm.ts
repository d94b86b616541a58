/** @file Group normalisation as a layer. */

import { groupNormalization } from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { scaleAndOffset } from "../parameter-kinds.ts";

/**
 * Normalises groups of channels of each sample: [channels, ...]. It needs no statistics, so it is
 * the same in training and inference and for any batch size.
 *
 * @param options.groups divides the channels; @param options.epsilon default 1e-5, PyTorch's
 * @see Wu, He (2018), Group Normalization, arXiv:1803.08494
 */
export function groupNorm(options: {
  readonly groups: number;
  readonly epsilon?: number;
}): LayerBuilder {
  return (inputShape) => ({
    kind: "group norm",
    parameters: scaleAndOffset(inputShape[0]!),
    outputShape: inputShape,
    macs: 0,
    apply: (x, { parameter }) =>
      groupNormalization(x, parameter("scale"), parameter("offset"), options),
  });
}
