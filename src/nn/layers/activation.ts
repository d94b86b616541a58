/** @file Element-wise activations as layers. */

import { leakyRelu, relu, relu6, sigmoid, tanh } from "../../ops/index.ts";
import { type LayerBuilder, shapeKeeping } from "../layer.ts";

const activations = { relu, relu6, leakyRelu, sigmoid, tanh } as const;

export type ActivationName = keyof typeof activations;
export const activationNames: readonly ActivationName[] = Object.keys(activations) as ActivationName[]; // keys of the literal above

/** @param name default relu */
export function activation(name: ActivationName = "relu"): LayerBuilder {
  return shapeKeeping(name, (x) => activations[name](x));
}
