/** @file How far a batch is from what the teacher's batch normalisation has seen in training. */

import { topologicalOrder, type Value } from "../../engine/graph/index.ts";
import { add, batchNormTraining, div, log, mul, reduceMean, sub } from "../../engine/ops/index.ts";

const epsilon = 1e-5;

/**
 * Divergence of the batch's statistics from the running ones, each channel as a normal
 * distribution, mean over channels, summed over layers of batch normalisation.
 *
 *   D = Σ_layer mean_c ½ (v_b / v + (m_b − m)² / v − 1 − ln(v_b / v))       [nats]
 *
 * m, v: running mean and variance; m_b, v_b: of the batch at the layer's input; 1e-5 is added to
 * both variances, since a dead channel has none. KL(batch ‖ running) has no unit, where the paper
 * adds ‖m_b − m‖ and ‖v_b − v‖ with weights of their own.
 *
 * @param output of a network in inference mode
 * @returns float32 [], ≥ 0; null without such layers
 * @see Yin, Molchanov, Alvarez et al. (2020), Dreaming to Distill, §3.2, arXiv:1912.08795
 */
export function statisticsDivergence(output: Value): Value | null {
  const layers = topologicalOrder([output]).filter(({ op }) => op === "batchNormalization");
  const sums = layers.map(({ inputs }) => {
    const [x, scale, bias, mean, variance] = inputs as [Value, Value, Value, Value, Value]; // its operands
    const batch = batchNormTraining(x, scale, bias);
    const known = add(variance, epsilon); // [channels], as all below
    const ratio = div(add(batch.variance, epsilon), known);
    const shift = sub(batch.mean, mean);
    const moved = add(ratio, div(mul(shift, shift), known));
    return mul(reduceMean(sub(sub(moved, 1), log(ratio))), 0.5); // []
  });
  return sums.length === 0 ? null : sums.reduce((a, b) => add(a, b));
}
