/** @file Gated recurrent units as a layer, one or several above each other. */

import { assertInRange, ConfigError } from "../../../errors/index.ts";
import { constant, type Value } from "../../graph/index.ts";
import {
  concat,
  dropout,
  type GruGate,
  gru as gruOf,
  gruSequence,
  mul,
  reshape,
  slice,
  transpose,
} from "../../ops/index.ts";
import { elementCount, float32, zeros } from "../../tensor/index.ts";
import type { LayerBuilder, LayerContext } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { linearKernel, zeroBias } from "../parameter.ts";
import { assertSequence } from "./sequence-shape.ts";

interface GruLayerOptions {
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

/**
 * Batch from which inference is quicker unrolled too. Measured over 49 steps, one thread, operator
 * / unrolled: 128 units 0.43 (batch 1), 0.8 (8), 1.0 (16), 1.2 (32), 1.4 (128); 32 units 0.2, 0.5,
 * 0.7, 0.9, 1.5. The operator's model loads in a tenth of the time.
 */
const unrollFrom = 32;

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
 * Training, and inference on large batches, unroll the steps. Inference on small ones, and hence an
 * exported model, runs `gruSequence`, and cannot be differentiated.
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
      apply: (x, context) =>
        (context.recurrenceAtOnce ?? !(context.training || x.shape[0]! >= unrollFrom))
          ? atOnce(x, context, options)
          : unrolled(x, context, options),
    };
  };
}

/** As training differentiates it: operators for every position. */
function unrolled(x: Value, context: LayerContext, options: GruLayerOptions): Value {
  const states = statesOf(x, context, options);
  if (options.returnSequences === false) return states.at(-1)!;
  const rows = states.map((state) => reshape(state, [state.shape[0]!, 1, state.shape[1]!]));
  return concat(rows, 1); // [batch, positions, units]
}

/** As small batches and exported models run it: one operator a level. */
function atOnce(x: Value, context: LayerContext, options: GruLayerOptions): Value {
  const { units, linearBeforeReset = true, returnSequences = true } = options;
  let states = transpose(x, [1, 0, 2]); // [positions, batch, features]
  for (const level of units.keys()) {
    const weights = joinedWeights(context, level, linearBeforeReset);
    const inputs =
      level > 0 && context.training ? droppedAll(states, level, context, options) : states;
    states = gruSequence(inputs, ...weights, { linearBeforeReset });
  }
  const sequence = transpose(states, [1, 0, 2]); // [batch, positions, units]
  if (returnSequences) return sequence;
  const [batch, positions, width] = sequence.shape as readonly [number, number, number]; // as x
  const last = slice(sequence, { starts: [positions - 1], ends: [positions], axes: [1] });
  return reshape(last, [batch, width]);
}

/** A level's kernels and biases in gruSequence's order: update, reset, candidate. */
function joinedWeights(
  context: LayerContext,
  level: number,
  linearBeforeReset: boolean,
): readonly [kernel: Value, recurrentKernel: Value, bias: Value] {
  const inOrder = (["update", "reset", "candidate"] as const).map((name) =>
    gateOf(context, level, name, linearBeforeReset),
  );
  const bias = inOrder.map((gate) => gate.bias);
  const none = constant(zeros("float32", bias[0]!.shape));
  const recurrentBias = inOrder.map((gate) => gate.recurrentBias ?? none);
  const stacked = (kernels: readonly Value[]): Value => transpose(concat(kernels, 1));
  return [
    stacked(inOrder.map((gate) => gate.kernel)), // [3 · units, features]
    stacked(inOrder.map((gate) => gate.recurrentKernel)), // [3 · units, units]
    concat([...bias, ...recurrentBias]), // [6 · units]
  ];
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

/** The masks of `dropped`, one for all positions. @param states [positions, batch, units] */
function droppedAll(
  states: Value,
  level: number,
  context: LayerContext,
  { dropout: rate = 0 }: GruLayerOptions,
): Value {
  if (rate === 0) return states;
  const shape = states.shape.slice(1);
  const ones = constant(float32(shape, new Float32Array(elementCount(shape)).fill(1)));
  return mul(states, dropped([ones], rate, level, context)[0]!);
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
