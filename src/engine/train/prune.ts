/**
 * @file Pruning in training: weights, or whole units and channels, that are small become zero, on a
 * schedule.
 */

import { assertInRange } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import type { ChannelGroup, ForwardContext, Network, ParameterSpec } from "../nn/index.ts";
import {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  gather,
  greater,
  greaterOrEqual,
  mul,
  pow,
  reduceSum,
  reshape,
  sqrt,
  stopGradient,
  sub,
  topKValues,
} from "../ops/index.ts";
import { elementCount, type Shape, type Tensor } from "../tensor/index.ts";

/** Where zeros go, and when. */
export interface PruneOptions {
  /**
   * share of each kernel's weights, or of each group's channels, that is zero at the end, in (0, 1)
   */
  readonly sparsity: number;
  /** kernels by name, a mask element for each weight; or groups, one for each channel */
  readonly target: { readonly kernels: readonly string[] } | { readonly groups: Groups };
  /** training steps at which sparsity leaves 0 and reaches its end */
  readonly startStep: number;
  readonly endStep: number;
}

type Groups = readonly ChannelGroup[];

const stepsName = "pruning/steps";

/** One mask: what it multiplies, and by which sizes its elements are ranked. */
interface Mask {
  /** of its statistic */
  readonly name: string;
  readonly shape: Shape;
  /** the mask as a factor of a parameter, or undefined if it does not concern it */
  readonly axisIn: ReadonlyMap<string, number | "all">;
  /** float32, one for each element: ≥ 0 */
  readonly size: (parameter: (name: string) => Value) => Value;
}

/**
 * The same network with parameters multiplied by masks of 0 and 1. At step t, of start … end,
 *
 *   s(t) = sparsity · (1 − (1 − (t − start) / (end − start))³)
 *
 * of each kernel's weights are zero: those of least magnitude. Of groups it is channels: those
 * whose incoming weights have the least sum of magnitudes, over all kernels that make them, as
 * batch normalisation will be folded into them:
 *
 *   size[c] = Σ_kernels (Σ |kernel[c]|) · |scale[c]| / √(variance[c] + ε)
 *
 * What has become zero stays so and gets no gradient. Masks are statistics of the network, hence in
 * checkpoints; any loss trains it.
 *
 * @throws ConfigError "config/range" unless 0 < sparsity < 1 and start < end
 * @see Zhu, Gupta (2017), To prune, or not to prune, eq. 1, arXiv:1710.01878; Li et al. (2017),
 *   Pruning Filters for Efficient ConvNets, §3.1, arXiv:1608.08710 (sum of magnitudes)
 */
export function pruned(network: Network, options: PruneOptions): Network {
  const { sparsity, startStep, endStep } = options;
  assertInRange("pruned", { sparsity }, { above: 0, below: 1 });
  assertInRange("pruned", { startStep }, { from: 0 });
  assertInRange("pruned", { endStep }, { above: startStep });
  const masks = masksOf(network.parameters, options.target);
  const forward = (x: Value, context: ForwardContext): Value => {
    const steps = context.parameter(stepsName);
    if (context.training) {
      context.updateStatistic(stepsName, add(steps, 1));
      const share = sparsityAt(steps, options);
      for (const { name, size } of masks) {
        const next = nextMask(size(context.parameter), context.parameter(name), share);
        context.updateStatistic(name, next);
      }
    }
    return network.forward(x, { ...context, parameter: (name) => maskedParameter(name) });
    function maskedParameter(name: string): Value {
      const value = context.parameter(name);
      const mask = masks.find(({ axisIn }) => axisIn.has(name));
      if (mask === undefined) return value;
      const [factor, axis] = [context.parameter(mask.name), mask.axisIn.get(name)!]; // has it
      return mul(value, axis === "all" ? factor : alongAxis(factor, axis, value.shape));
    }
  };
  const steps = statistic(stepsName, [], 0);
  const states = masks.map(({ name, shape }) => statistic(name, shape, 1));
  return { ...network, parameters: [...network.parameters, steps, ...states], forward };
}

function masksOf(
  parameters: readonly ParameterSpec[],
  target: PruneOptions["target"],
): readonly Mask[] {
  if ("groups" in target) return target.groups.map((group) => groupMask(parameters, group));
  return parameters
    .filter(({ name }) => target.kernels.includes(name))
    .map(({ name, shape }) => ({
      name: maskName(name),
      shape,
      axisIn: new Map([[name, "all" as const]]),
      size: (parameter) => abs(parameter(name)),
    }));
}

const maskName = (what: string): string => `pruning/${what}/mask`;

/** ε of `batchNorm`: sizes are only compared with each other. */
const epsilon = 1e-5;

/** Statistics stay: a channel without kernel, scale and offset is zero whatever they are. */
function groupMask(
  parameters: readonly ParameterSpec[],
  { name, count, makers, kernels }: ChannelGroup,
): Mask {
  const roles = new Map(parameters.map((spec) => [spec.name, spec.role]));
  const trained = makers.filter((maker) => roles.get(maker.name) !== "statistic");
  return {
    name: maskName(name),
    shape: [count],
    axisIn: new Map(trained.map((maker) => [maker.name, maker.axis])),
    size: (parameter) => {
      const sizes = kernels.map(({ kernel: { name: kernel, axis }, norm }) => {
        const weights = abs(parameter(kernel));
        const others = weights.shape.map((_, at) => at).filter((at) => at !== axis);
        const sum = reduceSum(weights, { axes: others });
        if (norm === undefined) return sum;
        const deviation = sqrt(add(parameter(`${norm}/variance`), epsilon));
        return div(mul(sum, abs(parameter(`${norm}/scale`))), deviation);
      });
      return sizes.reduce((total, size) => add(total, size));
    },
  };
}

/** @returns a value of one axis so that it broadcasts along that axis of a shape */
function alongAxis(value: Value, axis: number, shape: Shape): Value {
  return reshape(
    value,
    shape.map((size, at) => (at === axis ? size : 1)),
  );
}

function statistic(name: string, shape: readonly number[], value: number): ParameterSpec {
  return { name, shape, role: "statistic", initializer: { kind: "constant", value } };
}

function sparsityAt(
  steps: Value,
  { sparsity, startStep, endStep }: Omit<PruneOptions, "target">,
): Value {
  const progress = clip(mul(sub(steps, startStep), 1 / (endStep - startStep)), 0, 1);
  return mul(sub(1, pow(sub(1, progress), 3)), sparsity);
}

/** @returns the mask with the smallest elements, `share` of all, at 0 */
function nextMask(size: Value, mask: Value, share: Value): Value {
  const score = mul(stopGradient(size), mask);
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
  { parameters }: Network,
  weights: ReadonlyMap<string, Tensor>,
  state: ReadonlyMap<string, Tensor>,
  { target }: Pick<PruneOptions, "target">,
): ReadonlyMap<string, Tensor> {
  const result = new Map(weights);
  for (const { name: maskKey, axisIn } of masksOf(parameters, target)) {
    const mask = state.get(maskKey)!.data; // every mask is a statistic
    for (const [name, axis] of axisIn) {
      const weight = weights.get(name) as Tensor<"float32">; // as all parameters
      const run = axis === "all" ? 1 : elementCount(weight.shape.slice(axis + 1));
      const data = weight.data.map(
        (element, at) => element * Number(mask[Math.floor(at / run) % mask.length]),
      );
      result.set(name, { ...weight, data });
    }
  }
  return result;
}
