/** @file silu: x times its own logistic function, also called swish. */

import type { Value } from "../../graph/index.ts";
import { mul } from "../mul.ts";
import { sigmoid } from "../sigmoid.ts";

/**
 * y = x / (1 + e⁻ˣ), element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 * @see Elfwing, Uchibe, Doya (2017), arXiv:1702.03118; Ramachandran, Zoph, Le (2017), Searching for
 *   Activation Functions (swish with β = 1), arXiv:1710.05941
 */
export function silu(x: Value): Value {
  return mul(x, sigmoid(x));
}
