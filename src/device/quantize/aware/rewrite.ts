/** @file A network's forward pass with weights and activations put on the int8 grid. */

import {
  constant,
  type Graph,
  type Value,
  valuesOf,
  withInputs,
  withOrigin,
} from "../../../engine/graph/index.ts";
import type { ForwardContext, Network } from "../../../engine/nn/index.ts";
import {
  add,
  batchNormalization,
  div,
  equal,
  greater,
  maximum,
  minimum,
  mul,
  reduceMax,
  reduceMin,
  reshape,
  sqrt,
  stopGradient,
  where,
} from "../../../engine/ops/index.ts";
import { scalar } from "../../../engine/tensor/index.ts";
import { clampBeforeMaxPool } from "../clamp-before-max-pool.ts";
import { onActivationGrid, onWeightGrid, type RangeValues } from "./grid.ts";
import { gruOnGrid } from "./gru.ts";
import { type GridPoint, inputKey, keyOf } from "./layout.ts";

/** Share of the old range that a step keeps. */
const momentum = 0.99;

/** Names of the state that quantisation-aware training adds. */
export const stepsName = "quantization/steps";
export const rangeNames = (key: string): { readonly min: string; readonly max: string } => ({
  min: `quantization/${key}/min`,
  max: `quantization/${key}/max`,
});
export const factorName = (key: string): string => `quantization/${key}/factor`;

interface RewriteOptions {
  readonly points: ReadonlyMap<string, GridPoint>;
  readonly bits: number;
  readonly perChannelDense: boolean;
  readonly isLearned: boolean;
  /** bool []: false while training is still in float; absent: quantised throughout */
  readonly active: Value | undefined;
}

/** @returns the network's output, quantised on the way; next ranges go to updateStatistic */
export function rewriteForward(
  network: Network,
  x: Value,
  context: ForwardContext,
  options: RewriteOptions,
): Value {
  const statistics = new Map<string, Value>();
  const output = network.forward(x, {
    ...context,
    recurrenceAtOnce: true, // one value, which gruOnGrid spells out
    updateStatistic: (name, next) => void statistics.set(name, next),
  });
  const named = [["", output] as const, ...statistics];
  const graph = clampBeforeMaxPool({
    name: network.name,
    inputs: [],
    outputs: named.map(([name, value]) => ({ name, value })),
  });
  const replaced = new Rewrite(graph, x, context, options).values();
  const [result, ...others] = graph.outputs.map(({ value }) => replaced.get(value)!);
  for (const [index, [name]] of [...statistics].entries()) {
    const next = others[index]!; // as many outputs as names
    const { active } = options;
    const frozen = active === undefined ? next : where(active, context.parameter(name), next);
    context.updateStatistic(name, frozen);
  }
  return result!;
}

const normalizations: readonly string[] = ["normalizeBatch", "batchNormalization"];

/** @returns what a normalisation reads; of a sequence, the image that was reshaped to it */
function normalizedLayer({ inputs }: Value): Value {
  const x = inputs[0]!; // both kinds have it
  return x.op === "reshape" ? x.inputs[0]! : x;
}

/** One walk over a forward pass. */
class Rewrite {
  readonly #values: readonly Value[];
  readonly #x: Value;
  readonly #context: ForwardContext;
  readonly #options: RewriteOptions;
  /** the normalisation that a convolution or dense layer will be folded with */
  readonly #normOf: ReadonlyMap<Value, Value>;

  constructor(graph: Graph, x: Value, context: ForwardContext, options: RewriteOptions) {
    this.#values = valuesOf(graph);
    this.#x = x;
    this.#context = context;
    this.#options = options;
    const norms = this.#values.filter(({ op }) => normalizations.includes(op));
    this.#normOf = new Map(norms.map((norm) => [normalizedLayer(norm), norm]));
  }

  values(): ReadonlyMap<Value, Value> {
    const replaced = new Map<Value, Value>();
    let isInside = false; // before x come the samples and their preprocessing
    for (const value of this.#values) {
      const inputs = value.inputs.map((operand) => replaced.get(operand)!); // topological order
      isInside ||= value === this.#x;
      replaced.set(value, isInside ? this.#next(value, inputs) : value);
    }
    return replaced;
  }

  #next(value: Value, inputs: readonly Value[]): Value {
    if (value === this.#x) return this.#onGrid(value, inputKey);
    if (value.op === "gruSequence") return gruOnGrid(value, inputs, this.#options);
    const isWeighted = value.op === "conv2d" || value.op === "gemm";
    if (isWeighted) {
      const quantized = inputs.with(1, this.#kernel(value, inputs[1]!));
      const result = withInputs(value, quantized);
      return this.#normOf.has(value) ? result : this.#onGrid(result, keyOf(value));
    }
    if (!normalizations.includes(value.op))
      return this.#onGrid(withInputs(value, inputs), keyOf(value));
    const layer = normalizedLayer(value);
    const key = this.#options.points.has(keyOf(layer)) ? keyOf(layer) : keyOf(value);
    return this.#onGrid(this.#normalized(value, inputs), key);
  }

  /** from the start epoch on by the running statistics, so that folding changes nothing */
  #normalized(value: Value, inputs: readonly Value[]): Value {
    const own = withInputs(value, inputs);
    const { active } = this.#options;
    if (value.op === "batchNormalization" || active === undefined) return own;
    const [x, scale, offset] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const { mean, variance } = this.#running(value);
    const epsilon = Number(value.attrs.epsilon);
    const fixed = batchNormalization(x, scale, offset, mean, variance, { epsilon });
    return withOrigin(where(active, fixed, own), value.origin);
  }

  #running(norm: Value): { readonly mean: Value; readonly variance: Value } {
    const path = norm.inputs[1]!.name.slice(0, -"scale".length); // batchNorm's own parameter
    const { parameter } = this.#context;
    return { mean: parameter(`${path}mean`), variance: parameter(`${path}variance`) };
  }

  /** the kernel as it will be after folding, on its grid, and folded back */
  #kernel(layer: Value, kernel: Value): Value {
    const { bits, perChannelDense, active } = this.#options;
    const isDense = layer.op === "gemm";
    const channelAxis = isDense && layer.attrs.transB !== true ? 1 : 0;
    const axes = kernel.shape.map((_, axis) => axis);
    const reduced =
      isDense && !perChannelDense ? axes : axes.filter((axis) => axis !== channelAxis);
    const norm = this.#normOf.get(layer);
    const gain = norm && this.#gain(norm, kernel, channelAxis);
    const quantized =
      gain === undefined
        ? onWeightGrid(kernel, reduced, bits)
        : div(onWeightGrid(mul(kernel, gain), reduced, bits), gain);
    return active === undefined ? quantized : where(active, quantized, kernel);
  }

  /** scale / √(variance + ε), spread over the kernel; 1 where a channel is switched off */
  #gain(norm: Value, kernel: Value, channelAxis: number): Value {
    const scale = norm.inputs[1]!;
    const { variance } = this.#running(norm);
    const gain = div(scale, sqrt(add(stopGradient(variance), Number(norm.attrs.epsilon))));
    const alive = where(equal(gain, 0), 1, gain);
    return reshape(
      alive,
      kernel.shape.map((size, axis) => (axis === channelAxis ? size : 1)),
    );
  }

  #onGrid(value: Value, key: string): Value {
    const point = this.#options.points.get(key);
    if (point === undefined) return value;
    const range = this.#range(value, key, point);
    const { active, isLearned } = this.#options;
    const { members } = point;
    const factor =
      isLearned && members.length > 0
        ? this.#context.parameter(factorName(members[0]!))
        : undefined;
    const isMean = !point.isWatched; // only means take over another value's range
    const onGrid = onActivationGrid(value, range, { isMean, factor });
    return withOrigin(active === undefined ? onGrid : where(active, onGrid, value), value.origin);
  }

  /** of all values that share the scale; in training, the value's own after this batch */
  #range(value: Value, key: string, { isWatched, members, spans }: GridPoint): RangeValues {
    const ranges = members.map((member) => {
      const own = this.#stored(member);
      return member === key && isWatched && this.#context.training
        ? this.#moved(value, key, own)
        : own;
    });
    const given = spans.map(
      ({ min, max }): RangeValues => ({
        min: constant(scalar("float32", min)),
        max: constant(scalar("float32", max)),
      }),
    );
    return [...ranges, ...given].reduce((a, b) => ({
      min: minimum(a.min, b.min),
      max: maximum(a.max, b.max),
    }));
  }

  #stored(key: string): RangeValues {
    const names = rangeNames(key);
    const { parameter } = this.#context;
    return { min: parameter(names.min), max: parameter(names.max) };
  }

  #moved(value: Value, key: string, before: RangeValues): RangeValues {
    const { parameter, updateStatistic } = this.#context;
    const hasSeen = greater(parameter(stepsName), 0);
    const axes = value.shape.map((_, axis) => axis);
    const blend = (old: Value, now: Value): Value =>
      where(hasSeen, add(mul(old, momentum), mul(now, 1 - momentum)), now);
    const seen = stopGradient(value);
    const min = blend(before.min, reduceMin(seen, { axes }));
    const max = blend(before.max, reduceMax(seen, { axes }));
    const names = rangeNames(key);
    updateStatistic(names.min, min);
    updateStatistic(names.max, max);
    return { min, max };
  }
}
