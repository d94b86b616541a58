/**
 * @file Layers and ranges → integer network: the scheme's arithmetic of scales, weights, biases.
 */

import type { Value } from "../../engine/graph/index.ts";
import { elementCount, type Shape, sameShape } from "../../engine/tensor/index.ts";
import { assertInRange, QuantizeError } from "../../errors/index.ts";
import { affineQuantization, clampRange, quantize } from "./affine.ts";
import { assertSmall } from "./assert.ts";
import { requantizeJoined } from "./joined-operands.ts";
import type { FloatLayer, FloatPlan } from "./lowering/float-layer.ts";
import type { RealRange } from "./observers.ts";
import { quantizeGru } from "./quantize-gru.ts";
import { quantizeWeights } from "./quantize-weights.ts";
import type {
  Quantization,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedTensor,
} from "./quantized-graph.ts";
import { isExactInput, type ScaleGroup, scaleGroups, spanOf } from "./shared-scales.ts";

export interface QuantizeOptions {
  /** a scale per output of dense layers too; not every runtime takes that; default false */
  readonly perChannelDense?: boolean;
  /** integers of weights: 8 bits, ±127, by default; fewer, down to 2, still stand in int8 */
  readonly weightBits?: number;
}

/** @throws ConfigError "config/range" unless weightBits is an integer from 2 to 8 */
export function assertQuantizeOptions({ weightBits = 8 }: QuantizeOptions): void {
  assertInRange("quantize", { weightBits }, { from: 2, to: 8, isInteger: true });
}

/**
 * @param ranges of the observed values
 * @throws QuantizeError "quantize/accumulator" naming a layer whose 32-bit sums could overflow,
 *   "quantize/weights" one whose weights are not finite; as assertQuantizeOptions
 */
export function quantizePlan(
  plan: FloatPlan,
  ranges: ReadonlyMap<Value, RealRange>,
  options: QuantizeOptions = {},
): QuantizedGraph {
  assertQuantizeOptions(options);
  const shared = shareQuantizations(plan, ranges);
  const { layers: joined, quantizations } = requantizeJoined(plan.layers, shared);
  const values = [plan.input, ...joined.map(({ output }) => output)];
  const positions = new Map(values.map((value, index) => [value, index]));
  const names = layerNames(joined);
  const tensors = values.map(
    (value, index): QuantizedTensor => ({
      ...quantizations.get(value)!, // of every value
      name: index === 0 ? "input" : names[index - 1]!,
      shape: joined[index - 1]?.kind === "argMax" ? [1] : sampleShape(value),
      dtype: value.dtype === "float32" ? "int8" : "int32",
    }),
  );
  const layers = joined.map((layer, index) =>
    quantizeLayer(layer, options, {
      name: names[index]!,
      inputs: layer.inputs.map((operand) => positions.get(operand)!), // the plan's own values
      output: index + 1,
      quantizationOf: (value) => quantizations.get(value)!,
    }),
  );
  const output = positions.get(plan.output)!; // likewise
  const stored = plan.placeholder.shape.slice(1);
  const shape = sameShape(stored, tensors[0]!.shape) ? {} : { sampleShape: stored };
  return { name: plan.name, sample: plan.sample, tensors, layers, input: 0, output, ...shape };
}

/** @returns the shape without the batch axis: of a recurrent unit's states that is the second */
function sampleShape({ shape }: Value): Shape {
  if (shape.length !== 3) return shape.slice(1);
  return [1, ...(shape[0] === 1 ? shape.slice(1) : [shape[0]!, shape[2]!])];
}

/** paths, each once: "conv1", "conv1 2" */
function layerNames(layers: readonly FloatLayer[]): readonly string[] {
  const seen = new Map<string, number>();
  return layers.map(({ kind, output }) => {
    const name = output.origin || kind;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  });
}

/** Values that must have one scale form a group, and its range is that of all of them. */
function shareQuantizations(
  plan: FloatPlan,
  ranges: ReadonlyMap<Value, RealRange>,
): ReadonlyMap<Value, Quantization> {
  const groupOf = scaleGroups(plan);
  const chosen = new Map<ScaleGroup, Quantization>();
  for (const group of new Set(groupOf.values()))
    chosen.set(group, groupQuantization(plan, group, ranges));
  return new Map([...groupOf].map(([value, group]) => [value, chosen.get(group)!]));
}

function groupQuantization(
  plan: FloatPlan,
  { values, given, isFixed }: ScaleGroup,
  ranges: ReadonlyMap<Value, RealRange>,
): Quantization {
  const isFree = [...values].some((value) => ranges.has(value) && !isExactInput(plan, value));
  if (isFixed || (given.length === 1 && !isFree)) return given[0]!;
  const seen = [...values].flatMap((value) => ranges.get(value) ?? []);
  const all = [...seen, ...given.map(spanOf)];
  return affineQuantization({
    min: Math.min(0, ...all.map(({ min }) => min)),
    max: Math.max(0, ...all.map(({ max }) => max)),
  });
}

interface Place {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly quantizationOf: (value: Value) => Quantization;
}

function quantizeLayer(
  layer: FloatLayer,
  options: QuantizeOptions,
  { quantizationOf, ...place }: Place,
): QuantizedLayer {
  const from = quantizationOf(layer.inputs[0]!); // every layer has an operand
  const to = quantizationOf(layer.output);
  const limit = 2 ** ((options.weightBits ?? 8) - 1) - 1;
  switch (layer.kind) {
    case "dense":
    case "conv2d":
    case "depthwiseConv2d": {
      const perChannel = layer.kind !== "dense" || options.perChannelDense === true;
      const parts = quantizeWeights(place.name, layer, from, to, { perChannel, limit });
      if (layer.kind === "dense") return { kind: "dense", ...place, ...parts };
      return { kind: layer.kind, ...place, ...parts, ...layer.window! }; // convolutions have one
    }
    case "averagePool":
    case "maxPool":
      return { kind: layer.kind, ...place, ...layer.window, clamp: { min: -128, max: 127 } };
    case "add":
      assertAddFits(place.name, layer.inputs.map(quantizationOf), to);
      return { kind: "add", ...place, clamp: clampRange(layer.limits, to) };
    case "requantize":
      assertSmall(place.name, 256, from.scale / to.scale);
      return {
        kind: "requantize",
        ...place,
        multiplier: from.scale / to.scale,
        clamp: clampRange(layer.limits, to),
      };
    case "lookup":
      return { kind: "lookup", ...place, table: lookupTable(layer.apply, from, to, place.name) };
    case "slice":
      return { kind: "slice", ...place, start: layer.start };
    case "gru":
      return { kind: "gru", ...place, ...quantizeGru(place.name, layer, from, limit) };
    case "softmax":
      assertSoftmaxFits(place.name, from.scale, elementCount(layer.output.shape));
      return { kind: "softmax", ...place };
    default:
      return { kind: layer.kind, ...place };
  }
}

function lookupTable(
  apply: (x: number) => number,
  from: Quantization,
  to: Quantization,
  name: string,
): Int8Array {
  return Int8Array.from({ length: 256 }, (_, index) => {
    const y = apply(from.scale * (index - 128 - from.zeroPoint));
    if (!Number.isNaN(y)) return quantize(y, to);
    throw new QuantizeError("quantize/lookup", {
      where: name,
      rule: "the function must have a value for every input of its range",
      got: `none at ${from.scale * (index - 128 - from.zeroPoint)}`,
      fix: "Clip its input, or use another activation",
    });
  });
}

/** @throws QuantizeError "quantize/accumulator" where the sum of both terms would be shifted out */
function assertAddFits(name: string, from: readonly Quantization[], to: Quantization): void {
  const twice = 2 * Math.max(...from.map(({ scale }) => scale));
  assertSmall(name, 255 * 2 ** 20, twice / (2 ** 20 * to.scale));
}

/** @throws QuantizeError "quantize/softmax" outside of what its fixed-point form can hold */
function assertSoftmaxFits(name: string, scale: number, classes: number): void {
  if (scale * 2 ** 26 > 1 && classes < 512) return;
  throw new QuantizeError("quantize/softmax", {
    where: name,
    rule: "softmax takes up to 511 classes and logits with a scale above 2^-26",
    got: `${classes} classes, scale ${scale}`,
    fix: "Leave softmax out and compare logits",
  });
}
