/** @file Weights that a training starts from instead of drawn ones: checked, and hashed. */

import { writeSafetensors } from "../data/index.ts";
import type { Network } from "../engine/nn/index.ts";
import { sameShape, showShape, type Tensor } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import { sha256Hex } from "../hash/index.ts";

/** @returns SHA-256 of the weights as a file, 64 hex digits */
export function weightsHash(weights: ReadonlyMap<string, Tensor>): string {
  return sha256Hex(writeSafetensors(weights));
}

/** @throws ConfigError "config/start" for a weight that the network has not, or has otherwise */
export function assertStart(
  { id, start }: { readonly id: string; readonly start?: ReadonlyMap<string, Tensor> | undefined },
  { parameters }: Network,
): void {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  for (const [name, { dtype, shape }] of start ?? []) {
    const own = shapes.get(name);
    if (own !== undefined && dtype === "float32" && sameShape(own, shape)) continue;
    throw new ConfigError("config/start", {
      where: `training of ${id}`,
      rule: `first weights must be the network's${own === undefined ? "" : `: "${name}" is float32 ${showShape(own)}`}`,
      got: `"${name}", ${dtype} ${showShape(shape)}`,
      fix: "Give the weights of a model with the same network",
    });
  }
}
