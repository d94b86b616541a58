/** @file Adam and AdamW. */

import { assertInRange } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { add, div, mul, sqrt, sub } from "../ops/index.ts";
import { type Optimizer, optimizerOf } from "./optimizer.ts";

export interface AdamOptions {
  /** β₁ in [0, 1); default 0.9 */
  readonly beta1?: number;
  /** β₂ in [0, 1); default 0.999 */
  readonly beta2?: number;
  /** ε > 0, added after the root; default 1e-8 */
  readonly epsilon?: number;
  /** λ ≥ 0; default 0 for adam, 0.01 for adamW */
  readonly weightDecay?: number;
}

/**
 * Adam; its weight decay is coupled (λ w is added to the gradient), as in PyTorch's Adam.
 *
 *   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *   w ← w − η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * @throws ConfigError "config/range"
 * @see Kingma, Ba (2015), Adam, algorithm 1, arXiv:1412.6980
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamFamily("adam", false, options);
}

/**
 * Adam with decoupled weight decay: w ← w − η λ w before Adam's own step.
 *
 * @throws ConfigError "config/range"
 * @see Loshchilov, Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2,
 *   arXiv:1711.05101 (λ scaled by η as in PyTorch)
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adamFamily("adamW", true, { ...options, weightDecay: options.weightDecay ?? 0.01 });
}

function adamFamily(
  name: string,
  decoupled: boolean,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions,
): Optimizer {
  assertInRange(name, { beta1, beta2 }, { from: 0, below: 1 });
  assertInRange(name, { epsilon }, { above: 0 });
  assertInRange(name, { weightDecay }, { from: 0 });
  const moment = (old: Value, next: Value, beta: number): Value =>
    add(mul(old, beta), mul(next, 1 - beta));
  return optimizerOf({
    name,
    slots: ["moment1", "moment2"],
    scalars: {
      inverseCorrection1: (step) => 1 / (1 - beta1 ** step),
      inverseCorrection2: (step) => 1 / (1 - beta2 ** step),
    },
    weightDecay,
    update: ({ parameter, gradient, slots, learningRate, scalars, weightDecay: decay }) => {
      const coupled = decay > 0 && !decoupled;
      const g = coupled ? add(gradient, mul(parameter, decay)) : gradient;
      const moment1 = moment(slots.moment1!, g, beta1); // slots above
      const moment2 = moment(slots.moment2!, mul(g, g), beta2);
      const root = sqrt(mul(moment2, scalars.inverseCorrection2!));
      const rate = mul(learningRate, scalars.inverseCorrection1!);
      const shrunk =
        decay > 0 && decoupled
          ? sub(parameter, mul(parameter, mul(learningRate, decay)))
          : parameter;
      return {
        parameter: sub(shrunk, div(mul(moment1, rate), add(root, epsilon))),
        slots: { moment1, moment2 },
      };
    },
  });
}
