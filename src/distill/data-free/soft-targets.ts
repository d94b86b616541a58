/** @file Soft targets as a classifier could give them, drawn from its last layer alone. */

import type { RandomStream } from "../../engine/tensor/index.ts";

/**
 * Least concentration of a class. The least similar one is at 0 in the paper, where a Dirichlet
 * distribution does not exist.
 */
const leastConcentration = 0.01;

/**
 * How the answers to samples of each class are spread, by how alike the classes' weights are.
 *
 *   c_kj = w_k · w_j / (‖w_k‖ ‖w_j‖)      w_k: column k of the kernel
 *   α_kj = max(0.01, (c_kj − min_j c_kj) / (max_j c_kj − min_j c_kj))
 *
 * A class of no weights is like none; where all classes are alike, all α are 1.
 *
 * @param kernel float32 [features, classes], of the layer that gives the logits
 * @returns α of each class k: float64 [classes], 0.01 … 1
 * @see Nayak, Mopuri, Shaj, Babu, Chakraborty (2019), Zero-Shot Knowledge Distillation in Deep
 *   Networks, §3.1, arXiv:1905.08114 (without the lower limit)
 */
export function classConcentrations(
  kernel: Float32Array,
  classes: number,
): readonly Float64Array[] {
  const inner = (k: number, j: number): number => {
    let sum = 0;
    for (let at = 0; at < kernel.length; at += classes) sum += kernel[at + k]! * kernel[at + j]!;
    return sum;
  };
  const norms = Float64Array.from({ length: classes }, (_, k) => Math.sqrt(inner(k, k)));
  return Array.from({ length: classes }, (_, k) => {
    const row = norms.map((norm, j) => {
      const scale = norm * norms[k]!;
      return scale === 0 ? 0 : inner(k, j) / scale;
    });
    const [low, high] = [Math.min(...row), Math.max(...row)];
    return row.map((c) =>
      high === low ? 1 : Math.max(leastConcentration, (c - low) / (high - low)),
    );
  });
}

/**
 * Draws y ~ Dirichlet(α): y_j = g_j / Σ g with g_j ~ Gamma(α_j, 1). It stays in logarithms, since
 * with a small α most of the g are below the smallest number.
 *
 * @param concentrations α > 0 of each class
 * @returns ln y, float64 [classes]
 */
export function drawLogDirichlet(concentrations: Float64Array, stream: RandomStream): Float64Array {
  const logs = concentrations.map((alpha) => drawLogGamma(alpha, stream));
  const top = Math.max(...logs);
  const sum = logs.reduce((total, log) => total + Math.exp(log - top), 0);
  return logs.map((log) => log - top - Math.log(sum));
}

/**
 * ln g of g ~ Gamma(α, 1): by rejection for α ≥ 1; below it g_α = g_(α+1) · u^(1/α).
 *
 * @see Marsaglia, Tsang (2000), A simple method for generating gamma variables, ACM TOMS 26(3)
 */
function drawLogGamma(alpha: number, stream: RandomStream): number {
  if (alpha < 1) return drawLogGamma(alpha + 1, stream) + Math.log(1 - stream.uniform()) / alpha; // 1 - u is above 0
  const d = alpha - 1 / 3;
  for (;;) {
    const x = stream.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    const isAccepted =
      v > 0 && Math.log(1 - stream.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v);
    if (isAccepted) return Math.log(d * v);
  }
}
