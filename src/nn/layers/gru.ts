/** @file Gated recurrent units as a layer, one or several above each other. */

import { assertInRange, ConfigError } from "../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { concat, dropout, type GruGate, gru as gruOf, reshape, slice } from "../../ops/index.ts";
import type { LayerBuilder, LayerContext } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { linearKernel, zeroBias } from "../parameter-kinds.ts";
import { assertSequence } from "./sequence-shape.ts";

export interface GruLayerOptions {
  /** units of each level: [128, 128] puts a second one on the states of the first */
  readonly units: readonly number[];
  /** all states of the last level [positions, units] (true, default), or the last one [units] */
  readonly returnSequences?: boolean;
  /**
   * the reset gate multiplies the recurrent product (true, default: PyTorch, Keras) or the state
   * (false: the paper)
   */
  readonly linearBeforeReset?: boolean;
  /**
   * dropout rate between levels, in [0, 1); default 0. A sample keeps its mask over all positions
   * (Gal, Ghahramani 2016, arXiv:1512.05287), unlike PyTorch's
   */
  readonly dropout?: number;
}

const gates = ["reset", "update", "candidate"] as const;
type GateName = (typeof gates)[number];

/** Most levels that have random streams of their own. */
const streamsPerLayer = 256;

function levelParameters(
  level: number,
  features: number,
  units: number,
  linearBeforeReset: boolean,
): ParameterSpec[] {
  const path = `level${level}`;
  return [
    ...gates.flatMap((gate) => [
      linearKernel([features, units], features, `${path}/${gate}Kernel`),
      linearKernel([units, units], units, `${path}/${gate}RecurrentKernel`),
      zeroBias(units, `${path}/${gate}Bias`),
    ]),
    ...(linearBeforeReset ? [zeroBias(units, `${path}/candidateRecurrentBias`)] : []),
  ];
}

/**
 * A state of `units` numbers moves over the positions; see `gru` among the operators for the
 * formula. Each gate of each level has its own kernel [features, units], recurrentKernel [units,
 * units] and bias [units]; with linearBeforeReset the candidate also has a recurrentBias. PyTorch's
 * second biases of the other gates would do the same as the first.
 *
 * Padding is not skipped: put it in front, or take the states' mean under a mask.
 *
 * @throws ShapeError "shape/rank" unless the input is [positions, features]; ConfigError
 *   "config/range" without a level, or for one whose units are no positive integer
 */
export function gru(options: GruLayerOptions): LayerBuilder {
  const { units, returnSequences = true, linearBeforeReset = true } = options;
  const last = units.at(-1);
  if (last === undefined)
    throw new ConfigError("config/range", {
      where: "gru",
      rule: "units must name at least one level",
      got: "none",
      fix: "One level of 32 units: [32]",
    });
  for (const own of units) assertInRange("gru", { units: own }, { from: 1, isInteger: true });
  return (inputShape) => {
    const [positions, features] = assertSequence("gru", inputShape);
    const widths = [features, ...units];
    const macs = units.map((own, i) => positions * 3 * (widths[i]! + own) * own);
    return {
      kind: "gru",
      parameters: units.flatMap((own, i) =>
        levelParameters(i + 1, widths[i]!, own, linearBeforeReset),
      ),
      outputShape: returnSequences ? [positions, last] : [last],
      macs: macs.reduce((sum, one) => sum + one, 0),
      apply: (x, context) => {
        const states = statesOf(x, context, options);
        if (!returnSequences) return states.at(-1)!;
        const rows = states.map((state) => reshape(state, [state.shape[0]!, 1, last]));
        return concat(rows, 1); // [batch, positions, units]
      },
    };
  };
}

/** States of the last level. Between levels they stay apart: nothing is joined or cut. */
function statesOf(x: Value, context: LayerContext, options: GruLayerOptions): readonly Value[] {
  const { units, linearBeforeReset = true, dropout: rate = 0 } = options;
  let steps = stepsOf(x);
  for (const level of units.keys()) {
    const gate = (name: GateName): GruGate => gateOf(context, level, name, linearBeforeReset);
    const weights = { reset: gate("reset"), update: gate("update"), candidate: gate("candidate") };
    const inputs = level > 0 && context.training ? dropped(steps, rate, level, context) : steps;
    steps = gruOf(inputs, weights, { linearBeforeReset });
  }
  return steps;
}

function dropped(
  steps: readonly Value[],
  rate: number,
  level: number,
  { seed, stream }: LayerContext,
): readonly Value[] {
  if (rate === 0) return steps;
  const own = (stream + 1) * streamsPerLayer + level;
  return steps.map((step) => dropout(step, { rate, seed: seed(), stream: own }));
}

function gateOf(
  { parameter }: LayerContext,
  level: number,
  name: GateName,
  linearBeforeReset: boolean,
): GruGate {
  const path = `level${level + 1}/${name}`;
  return {
    kernel: parameter(`${path}Kernel`),
    recurrentKernel: parameter(`${path}RecurrentKernel`),
    bias: parameter(`${path}Bias`),
    ...(linearBeforeReset && name === "candidate"
      ? { recurrentBias: parameter(`${path}RecurrentBias`) }
      : {}),
  };
}

/** The positions of a sequence, each [batch, features]. */
function stepsOf(x: Value): readonly Value[] {
  const [batch, positions, features] = x.shape as readonly [number, number, number]; // a sequence
  return Array.from({ length: positions }, (_, t) =>
    reshape(slice(x, { starts: [t], ends: [t + 1], axes: [1] }), [batch, features]),
  );
}
