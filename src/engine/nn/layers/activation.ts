/** @file Element-wise activations as layers. */

import { assertKnown } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import {
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  relu,
  relu6,
  sigmoid,
  silu,
  softplus,
  tanh,
} from "../../ops/index.ts";
import { type LayerBuilder, shapeKeeping } from "../layer.ts";

export const activationNames = [
  "relu",
  "relu6",
  "leakyRelu",
  "sigmoid",
  "tanh",
  "gelu",
  "silu",
  "hardSwish",
  "hardSigmoid",
  "softplus",
] as const;
export type ActivationName = (typeof activationNames)[number];

const activations: Readonly<Record<ActivationName, (x: Value) => Value>> = {
  relu,
  relu6,
  leakyRelu: (x) => leakyRelu(x),
  sigmoid,
  tanh,
  gelu: (x) => gelu(x),
  silu,
  hardSwish,
  hardSigmoid,
  softplus,
};

/** Those that fall somewhere as x rises: max pooling must not change places with them. */
const notMonotonic: readonly ActivationName[] = ["gelu", "silu", "hardSwish"];

/** @param name default relu. @returns whether x ≤ x' always gives y ≤ y' */
export function isMonotonic(name: ActivationName = "relu"): boolean {
  return !notMonotonic.includes(name);
}

/** @param name default relu. @throws ConfigError "config/unknown-name" */
export function activation(name: ActivationName = "relu"): LayerBuilder {
  assertKnown("activation", "activation", name, activationNames);
  return shapeKeeping(name, (x) => activations[name](x));
}
