/** @file A network of one sampled layer, with numbers for its samples and parameters. */

import { constant, input, type Value } from "../../src/engine/graph/index.ts";
import { type Network, type ParameterSpec, sequential } from "../../src/engine/nn/index.ts";
import {
  elementCount,
  float32,
  permutation,
  type Tensor,
  tensor,
} from "../../src/engine/tensor/index.ts";
import type { LayerSample } from "./layer-formulas.ts";
import { uniform } from "./op-cases.ts";

export const batch = 2;

/** Kernels of both signs; nothing else is 0, 1, or as another element is. */
function parameterValue({ shape, role }: ParameterSpec, key: number): Tensor<"float32"> {
  return role === "kernel" ? uniform(shape, -1, 1, key) : uniform(shape, 0.2, 0.9, key);
}

export interface OneLayer {
  readonly network: Network;
  readonly x: Value;
  readonly y: Value;
  readonly samples: Tensor<"float32">;
  /** by the parameter's name, as are the weights */
  readonly parameters: ReadonlyMap<string, Value>;
  readonly weights: ReadonlyMap<string, Tensor<"float32">>;
}

/** @param parameter what stands in the graph for a parameter of these weights */
export function buildLayer(
  { layer, inputShape, tokens, mask }: LayerSample,
  training: boolean,
  parameter: (name: string, weights: Tensor<"float32">) => Value,
): OneLayer {
  const network = sequential("one layer", inputShape, [["layer", layer]]);
  const weights = new Map(
    network.parameters.map((spec, key) => [spec.name, parameterValue(spec, key)]),
  );
  const parameters = new Map([...weights].map(([name, value]) => [name, parameter(name, value)]));
  const shape = [batch, ...inputShape];
  const count = elementCount(shape);
  const ids = Array.from(permutation(count, "tokens"), (place) => place % (tokens ?? 1));
  const real = mask && tensor("bool", [batch, inputShape[0]!], Uint8Array.from(mask.flat()));
  const x = input("x", "float32", shape);
  const y = network.forward(x, {
    training,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => constant(tensor("uint32", [], Uint32Array.of(5))),
    mask: real && constant(real),
    updateStatistic: () => undefined,
  });
  const samples = tokens === undefined ? uniform(shape, -2.5, 2.5) : float32(shape, ids);
  return { network, x, y, samples, parameters, weights };
}
