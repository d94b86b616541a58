/** @file Stochastic gradient descent with momentum. */

import { assertInRange } from "../../errors/index.ts";
import { add, mul, sub } from "../ops/index.ts";
import { type Optimizer, optimizerOf } from "./optimizer.ts";

export interface SgdOptions {
  /** μ in [0, 1); default 0 */
  readonly momentum?: number;
  /** look ahead along the velocity; needs momentum > 0; default false */
  readonly nesterov?: boolean;
  /** λ ≥ 0, coupled: added to the gradient; default 0 */
  readonly weightDecay?: number;
}

/**
 * SGD in PyTorch's form: the learning rate is outside the velocity.
 *
 *   g ← g + λ w        v ← μ v + g        w ← w − η v        (Nesterov: w ← w − η (g + μ v))
 *
 * @throws ConfigError "config/range"
 * @see Sutskever et al. (2013), On the importance of initialization and momentum, §2 (who put η
 *   inside v)
 */
export function sgd({
  momentum = 0,
  nesterov = false,
  weightDecay = 0,
}: SgdOptions = {}): Optimizer {
  assertInRange("sgd", { momentum }, { from: 0, below: 1 });
  assertInRange("sgd", { weightDecay }, { from: 0 });
  if (nesterov) assertInRange("sgd with nesterov", { momentum }, { above: 0, below: 1 });
  return optimizerOf({
    name: nesterov ? "sgd (nesterov)" : "sgd",
    slots: momentum > 0 ? ["velocity"] : [],
    scalars: {},
    weightDecay,
    update: ({ parameter, gradient, slots, learningRate, weightDecay: decay }) => {
      const g = decay > 0 ? add(gradient, mul(parameter, decay)) : gradient;
      const before = slots.velocity;
      if (before === undefined)
        return { parameter: sub(parameter, mul(g, learningRate)), slots: {} };
      const velocity = add(mul(before, momentum), g);
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return {
        parameter: sub(parameter, mul(direction, learningRate)),
        slots: { velocity },
      };
    },
  });
}
