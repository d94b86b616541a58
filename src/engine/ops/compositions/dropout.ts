/**
 * @file dropout: random zeros in training. A composition of hashUniform and element-wise operators.
 */

import { ConfigError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { hashUniform } from "../hash-uniform.ts";
import { less } from "../less.ts";
import { mul } from "../mul.ts";
import { where } from "../where.ts";

export interface DropoutOptions {
  /** probability that an element becomes 0, in [0, 1) */
  readonly rate: number;
  /** uint32 []: a new one each step */
  readonly seed: Value;
  /** sets the dropouts of one step apart */
  readonly stream: number;
}

/**
 * y = x · m / (1 − rate), each m independently 0 with probability `rate`, else 1 ("inverted"
 * dropout: E[y] = x).
 *
 * The mask is a function of (seed, stream, element index), so a resumed run draws what it would
 * have drawn.
 *
 * @param x float32 tensor of any shape
 * @returns same shape; x itself if the rate is 0
 * @throws ConfigError "config/range" unless 0 ≤ rate < 1; DTypeError as hashUniform
 * @see Srivastava et al. (2014), Dropout, JMLR 15
 */
export function dropout(x: Value, { rate, seed, stream }: DropoutOptions): Value {
  if (!(rate >= 0 && rate < 1))
    throw new ConfigError("config/range", {
      where: "dropout",
      rule: "rate must be in [0, 1)",
      got: String(rate),
      fix: "0.5 is usual for hidden layers, 0.2 for inputs, 0 turns it off",
      details: { rate },
    });
  if (rate === 0) return x;
  const draw = hashUniform(seed, { shape: x.shape, stream });
  const mask = where(less(draw, rate), 0, 1 / (1 - rate)); // one multiplication each way
  return mul(x, mask);
}
