/** @file Networks of sound: log-mel features first, then any family. */

import { withOrigin } from "../../graph/index.ts";
import type { LogMelOptions } from "../../ops/index.ts";
import type { Shape } from "../../tensor/index.ts";
import { logMel } from "../layers/log-mel.ts";
import type { Network } from "../network.ts";

const layerName = "logMel";

/**
 * @param inputShape [samples]
 * @param build makes the network of the features [1, frames, mels]; its parameters keep their names
 * @throws the errors of the layer `logMel`, and of build
 */
export function afterLogMel(
  options: LogMelOptions,
  inputShape: Shape,
  build: (shape: Shape) => Network,
): Network {
  const layer = logMel(options)(inputShape);
  const network = build(layer.outputShape);
  return {
    ...network,
    name: `log mel, ${network.name}`,
    inputShape,
    layers: [{ name: layerName, layer }, ...network.layers],
    forward: (x, context) => {
      const own = { ...context, path: layerName, stream: 0 }; // it has no parameters, draws nothing
      return network.forward(withOrigin(layer.apply(x, own), layerName), context);
    },
  };
}

/** @returns elements of the tables that the layer puts into a graph: factors and filters, twice */
export function logMelElements({ fftSize, frameLength, mels }: LogMelOptions): number {
  return (fftSize + 2) * (frameLength + mels);
}
