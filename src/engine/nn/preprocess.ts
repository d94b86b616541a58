/** @file From stored elements to what a network sees, inside the graph. */

import { ConfigError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { add, cast, mul } from "../ops/index.ts";
import type { Preprocessing } from "../tensor/index.ts";
import type { Network } from "./network.ts";

/**
 * What a network sees of stored samples.
 *
 * @param samples any dtype, [batch, ...]
 * @returns float32, same shape
 * @throws ConfigError "config/token-preprocessing" if token ids would be scaled or moved: bytes are
 *   by default, and the embedding would then read a few rows of its table alone
 */
export function networkInput(
  { name, vocabulary }: Pick<Network, "name" | "vocabulary">,
  samples: Value,
  preprocessing: Preprocessing,
): Value {
  const { scale, offset } = preprocessing;
  if (vocabulary !== undefined && (scale !== 1 || offset !== 0))
    throw new ConfigError("config/token-preprocessing", {
      where: name,
      rule: "token ids must reach the embedding as they are",
      got: `preprocessing of scale ${scale} and offset ${offset}`,
      fix: "Set preprocessing: {scale: 1, offset: 0}, or give int32 samples, whose default that is",
      details: { scale, offset },
    });
  return preprocess(samples, preprocessing);
}

/**
 * y = x · scale + offset, in float32.
 *
 * @param x any dtype, [batch, ...]
 * @returns float32, same shape
 */
export function preprocess(x: Value, { scale, offset }: Preprocessing): Value {
  const real = x.dtype === "float32" ? x : cast(x, "float32");
  const scaled = scale === 1 ? real : mul(real, scale);
  return offset === 0 ? scaled : add(scaled, offset);
}
