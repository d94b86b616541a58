/** @file Pruning in training: weights or whole units that are small become zero, on a schedule. */

import { assertInRange } from "../errors/index.ts";
import type { Value } from "../graph/index.ts";
import type { ForwardContext, Network, ParameterSpec } from "../nn/index.ts";
import {
  abs,
  add,
  and,
  cast,
  clip,
  gather,
  greater,
  greaterOrEqual,
  mul,
  pow,
  reduceSum,
  reshape,
  stopGradient,
  sub,
  topKValues,
} from "../ops/index.ts";
import { elementCount, type Tensor } from "../tensor/index.ts";

/** Where zeros go, and when. */
export interface PruneOptions {
  /** share of each kernel's weights (or units) that is zero at the end, in (0, 1) */
  readonly sparsity: number;
  /** kernels by name: all for weights, those of hidden dense layers for units */
  readonly kernels: readonly string[];
  /** a mask element for each weight, or for each output of a dense layer, its bias included */
  readonly structure: "weights" | "units";
  /** training steps at which sparsity leaves 0 and reaches its end */
  readonly startStep: number;
  readonly endStep: number;
}

const stepsName = "pruning/steps";
const maskName = (kernel: string): string => `pruning/${kernel}/mask`;
const biasOf = (kernel: string): string => kernel.replace(/kernel$/, "bias");

/**
 * The same network with kernels multiplied by masks of 0 and 1. At step t, of start … end,
 *
 *   s(t) = sparsity · (1 − (1 − (t − start) / (end − start))³)
 *
 * of each kernel's elements are zero: those of least magnitude, or for units those whose incoming
 * weights have the least sum of magnitudes. What has become zero stays so and gets no gradient.
 * Masks are statistics of the network, hence in checkpoints; any loss trains it.
 *
 * @throws ConfigError "config/range" unless 0 < sparsity < 1 and start < end
 * @see Zhu, Gupta (2017), To prune, or not to prune, eq. 1, arXiv:1710.01878; Li et al. (2017),
 *   Pruning Filters for Efficient ConvNets, §3.1, arXiv:1608.08710 (sum of magnitudes)
 */
export function pruned(network: Network, options: PruneOptions): Network {
  const { sparsity, startStep, endStep, kernels, structure } = options;
  assertInRange("pruned", { sparsity }, { above: 0, below: 1 });
  assertInRange("pruned", { startStep }, { from: 0 });
  assertInRange("pruned", { endStep }, { above: startStep });
  const specs = network.parameters.filter(({ name }) => kernels.includes(name));
  const masks = specs.map(({ name, shape }): ParameterSpec => {
    const maskShape = structure === "weights" ? shape : [1, shape[1]!];
    return statistic(maskName(name), maskShape, 1);
  });
  const forward = (x: Value, context: ForwardContext): Value => {
    const steps = context.parameter(stepsName);
    if (context.training) {
      context.updateStatistic(stepsName, add(steps, 1));
      const share = sparsityAt(steps, options);
      for (const { name } of specs) {
        const mask = context.parameter(maskName(name));
        context.updateStatistic(maskName(name), nextMask(context.parameter(name), mask, share));
      }
    }
    return network.forward(x, { ...context, parameter: (name) => maskedParameter(name) });
    function maskedParameter(name: string): Value {
      const value = context.parameter(name);
      if (kernels.includes(name)) return mul(value, context.parameter(maskName(name)));
      const kernel = kernels.find((candidate) => biasOf(candidate) === name);
      if (structure === "weights" || kernel === undefined) return value;
      return mul(value, reshape(context.parameter(maskName(kernel)), value.shape));
    }
  };
  const steps = statistic(stepsName, [], 0);
  return { ...network, parameters: [...network.parameters, steps, ...masks], forward };
}

function statistic(name: string, shape: readonly number[], value: number): ParameterSpec {
  return { name, shape, role: "statistic", initializer: { kind: "constant", value } };
}

function sparsityAt(steps: Value, { sparsity, startStep, endStep }: PruneOptions): Value {
  const progress = clip(mul(sub(steps, startStep), 1 / (endStep - startStep)), 0, 1);
  return mul(sub(1, pow(sub(1, progress), 3)), sparsity);
}

/** @returns the mask with the smallest elements, `share` of all, at 0 */
function nextMask(kernel: Value, mask: Value, share: Value): Value {
  const size = stopGradient(abs(kernel));
  const isWhole = elementCount(mask.shape) === elementCount(kernel.shape);
  const score = mul(isWhole ? size : reduceSum(size, { axes: [0], keepDims: true }), mask);
  const count = elementCount(mask.shape);
  const sorted = topKValues(reshape(score, [count]), { k: count, axis: 0 });
  const kept = mul(sub(1, share), count);
  const last = cast(clip(sub(kept, 0.5), 0, count - 1), "int64"); // truncated: rounds `kept`, less 1
  const least = gather(sorted, last);
  return cast(and(greaterOrEqual(score, least), greater(mask, 0)), "float32");
}

/**
 * @param state of a pruned network's training
 * @returns the network's own weights, with zeros where they were pruned
 */
export function prunedWeights(
  weights: ReadonlyMap<string, Tensor>,
  state: ReadonlyMap<string, Tensor>,
  { kernels, structure }: Pick<PruneOptions, "kernels" | "structure">,
): ReadonlyMap<string, Tensor> {
  const result = new Map(weights);
  for (const kernel of kernels) {
    const mask = state.get(maskName(kernel))!; // every kernel has one
    const names = structure === "units" ? [kernel, biasOf(kernel)] : [kernel];
    for (const name of names) {
      const weight = weights.get(name) as Tensor<"float32">; // as all parameters
      // of units: the last axis of kernel and bias
      const data = weight.data.map(
        (element, at) => element * Number(mask.data[at % mask.data.length]),
      );
      result.set(name, { ...weight, data });
    }
  }
  return result;
}
