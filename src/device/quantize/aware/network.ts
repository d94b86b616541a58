/**
 * @file Quantisation-aware training: a network that computes, in floating point, what its int8 form
 * will.
 */

import type { Value } from "../../../engine/graph/index.ts";
import type { ForwardContext, Network, ParameterSpec } from "../../../engine/nn/index.ts";
import { add, greaterOrEqual } from "../../../engine/ops/index.ts";
import { assertInRange, ConfigError } from "../../../errors/index.ts";
import type { SampleEncoding } from "../quantized-graph.ts";
import { gridPoints } from "./layout.ts";
import { factorName, rangeNames, rewriteForward, stepsName } from "./rewrite.ts";

/** How a network learns its int8 form. */
export interface QuantizationAwareSpec {
  /**
   * epochs in float before quantisation begins; ranges are watched from the first step. Default 0
   */
  readonly startEpoch?: number;
  /**
   * of activations. "moving" (default): moving average of each batch's smallest and largest value;
   * "learned": a trained factor on it
   */
  readonly ranges?: "moving" | "learned";
  /** of weights, 2 … 8, default 8; activations always have 8. Fewer than 8 are for study */
  readonly bits?: number;
  /** a weight scale per output of dense layers too; as in quantizeGraph, default false */
  readonly perChannelDense?: boolean;
}

interface QuantizationAwareOptions extends QuantizationAwareSpec {
  /** how stored samples become the network's input */
  readonly encoding: SampleEncoding;
  /** training steps in an epoch, counted in micro-batches */
  readonly stepsPerEpoch: number;
}

/**
 * The same network on the int8 grid of quantizeGraph. Weights: symmetric, per output channel
 * (dense: one scale), max |w| / 127. Activations: affine, where the integer network has a tensor,
 * with the quantiser's own grouping of scales. Biases stay float: their int32 grid is far finer.
 *
 * Ranges are statistics of the network, hence in checkpoints: r ← 0.99 · r + 0.01 · batch, from the
 * first batch on. Batch normalisation: kernels are quantised as they will be folded, by the running
 * statistics; from startEpoch on the layer normalises by those, and they stay as they are.
 * Inference, and so validation, is quantised from the beginning.
 *
 * @param network whose operators have an int8 form, up to dropout
 * @throws QuantizeError "quantize/unsupported", "quantize/aware"; ConfigError "config/range";
 *   "config/conflict" for batch normalisation without a float epoch before
 * @see Jacob et al. (2018), §3, arXiv:1712.05877; Krishnamoorthi (2018), §3.2, arXiv:1806.08342;
 *   Polino et al. (2018), Model compression via distillation and quantization, arXiv:1802.05668
 */
export function quantizationAware(network: Network, options: QuantizationAwareOptions): Network {
  const { startEpoch = 0, ranges = "moving", bits = 8, perChannelDense = false } = options;
  assertInRange("quantizationAware", { startEpoch }, { from: 0, isInteger: true });
  assertInRange("quantizationAware", { bits }, { from: 2, to: 8, isInteger: true });
  const hasStatistics = network.parameters.some(({ role }) => role === "statistic");
  if (hasStatistics && startEpoch === 0) throw neverNormalised(network);
  const points = gridPoints(network, options.encoding);
  const watched = [...points].filter(([, { isWatched }]) => isWatched).map(([key]) => key);
  const first = new Set([...points.values()].flatMap(({ members }) => members.slice(0, 1)));
  const learned = ranges === "learned" ? [...first].map((key) => factorName(key)) : [];
  const start = startEpoch * options.stepsPerEpoch;
  const forward = (x: Value, context: ForwardContext): Value => {
    const steps = context.parameter(stepsName);
    if (context.training) context.updateStatistic(stepsName, add(steps, 1));
    return rewriteForward(network, x, context, {
      points,
      bits,
      perChannelDense,
      isLearned: ranges === "learned",
      active: context.training && start > 0 ? greaterOrEqual(steps, start) : undefined,
    });
  };
  const own = [stepsName, ...watched.flatMap((key) => Object.values(rangeNames(key)))];
  return {
    ...network,
    parameters: [
      ...network.parameters,
      ...own.map((name) => scalarSpec(name, "statistic", 0)),
      ...learned.map((name) => scalarSpec(name, "scale", 1)),
    ],
    forward,
  };
}

function scalarSpec(name: string, role: ParameterSpec["role"], value: number): ParameterSpec {
  return { name, shape: [], role, initializer: { kind: "constant", value } };
}

function neverNormalised({ name }: Network): ConfigError {
  return new ConfigError("config/conflict", {
    where: name,
    rule: "batch normalisation needs epochs in float first: its statistics stay from startEpoch on",
    got: "startEpoch 0",
    fix: "Set startEpoch to 1 or more",
  });
}
