/** @file hardSigmoid and hardSwish: piecewise linear sigmoid, and x times it. */

import type { Value } from "../../graph/index.ts";
import { add } from "../add.ts";
import { mul } from "../mul.ts";
import { relu6 } from "../relu6.ts";

/**
 * y = min(max(x + 3, 0), 6) / 6, element-wise: 0 up to −3, 1 from 3, straight between. No gradient
 * at the kinks ±3. Slope 1/6, as in PyTorch and ONNX's HardSwish (ONNX's HardSigmoid defaults to
 * 0.2).
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape, in [0, 1]
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export function hardSigmoid(x: Value): Value {
  return mul(relu6(add(x, 3)), 1 / 6);
}

/**
 * y = x · min(max(x + 3, 0), 6) / 6, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 * @see Howard et al. (2019), Searching for MobileNetV3, §5.2, arXiv:1905.02244
 */
export function hardSwish(x: Value): Value {
  return mul(x, hardSigmoid(x));
}
