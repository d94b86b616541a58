/**
 * @file What a network consists of, as a table: layer, output shape, parameters,
 * multiply-accumulates.
 */

import { elementCount, showShape } from "../tensor/index.ts";
import { macCount, type Network, parameterCount } from "./network.ts";
import { isTrainable } from "./parameter.ts";

export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  readonly outputShape: string;
  readonly parameters: number;
  readonly macs: number;
}

export interface NetworkSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly macs: number;
}

/** @returns one row per layer, and totals */
export function summarize(network: Network): NetworkSummary {
  const layers = network.layers.map(({ name, layer }) => ({
    name,
    kind: layer.kind,
    outputShape: showShape(layer.outputShape),
    parameters: layer.parameters
      .filter(isTrainable)
      .reduce((total, { shape }) => total + elementCount(shape), 0),
    macs: layer.macs,
  }));
  return {
    name: network.name,
    layers,
    parameters: parameterCount(network),
    macs: macCount(network),
  };
}
