/**
 * @file What quantisation-aware training leaves behind: ranges, for inference and for the
 * quantiser.
 */

import { constant, type Graph } from "../../../engine/graph/index.ts";
import type { Network } from "../../../engine/nn/index.ts";
import { scalar, type Tensor } from "../../../engine/tensor/index.ts";
import { QuantizeError } from "../../../errors/index.ts";
import { observedValues } from "../calibrate.ts";
import { planLayers } from "../lowering/plan.ts";
import type { RealRange } from "../observers.ts";
import { quantizePlan } from "../quantize-plan.ts";
import type { QuantizedGraph, SampleEncoding } from "../quantized-graph.ts";
import { leastFactor } from "./grid.ts";
import { gridPoints, planKey } from "./layout.ts";
import { type QuantizationAwareSpec, quantizationAware } from "./network.ts";
import { factorName, rangeNames } from "./rewrite.ts";

/** Plain data that belong to the weights. */
interface TrainedQuantization {
  /** of weights */
  readonly bits: number;
  readonly perChannelDense: boolean;
  /** of activations, by path and operator: "activation1/relu" */
  readonly ranges: Readonly<Record<string, RealRange>>;
}

/**
 * @param network before quantizationAware
 * @param weights state of the trained network, by name
 */
export function trainedQuantization(
  network: Network,
  spec: QuantizationAwareSpec & { readonly encoding: SampleEncoding },
  weights: ReadonlyMap<string, Tensor>,
): TrainedQuantization {
  const { bits = 8, perChannelDense = false } = spec;
  const number = (name: string, otherwise?: number): number =>
    Number(weights.get(name)?.data[0] ?? otherwise);
  const ranges: Record<string, RealRange> = {};
  for (const [key, { isWatched, members }] of gridPoints(network, spec.encoding)) {
    if (!isWatched) continue;
    const names = rangeNames(key);
    const factor = Math.max(leastFactor, number(factorName(members[0]!), 1));
    ranges[key] = { min: factor * number(names.min), max: factor * number(names.max) };
  }
  return { bits, perChannelDense, ranges };
}

/**
 * The network as it was trained, for inference: weights and activations on their grid, in float.
 *
 * @param network before quantizationAware
 */
export function quantizedInference(
  network: Network,
  { bits, perChannelDense, ranges }: TrainedQuantization,
  encoding: SampleEncoding,
): Network {
  const spec = { bits, perChannelDense, encoding, startEpoch: 1, stepsPerEpoch: 1 };
  const aware = quantizationAware(network, spec);
  const numbers = new Map(
    Object.entries(ranges).flatMap(([key, { min, max }]) => {
      const names = rangeNames(key);
      return [[names.min, min] as const, [names.max, max] as const];
    }),
  );
  const own = new Set(network.parameters.map(({ name }) => name));
  return {
    ...network,
    forward: (x, context) =>
      aware.forward(x, {
        ...context,
        training: false,
        parameter: (name) =>
          own.has(name)
            ? context.parameter(name)
            : constant(scalar("float32", numbers.get(name) ?? 0), name),
      }),
  };
}

/**
 * quantizeGraph with the ranges of quantisation-aware training in place of calibration.
 *
 * @param graph as for quantizeGraph, of the network in float
 * @throws QuantizeError "quantize/ranges" if a value has no range; as quantizeGraph
 */
export function quantizeTrained(
  graph: Graph,
  { bits, perChannelDense, ranges }: TrainedQuantization,
): QuantizedGraph {
  const plan = planLayers(graph);
  const found = observedValues(plan).flatMap((value) => {
    const key = planKey(plan, value);
    const range = ranges[key];
    return range === undefined ? [] : [[value, range] as const];
  });
  const known = new Map(found);
  const missing = observedValues(plan).find((value) => !known.has(value) && value !== plan.input);
  if (missing !== undefined)
    throw new QuantizeError("quantize/ranges", {
      where: planKey(plan, missing),
      rule: "every value must have a range from training",
      got: `ranges of ${Object.keys(ranges).join(", ")}`,
      fix: "Take the graph of the very network that was trained, or calibrate",
    });
  return quantizePlan(plan, known, { perChannelDense, weightBits: bits });
}
