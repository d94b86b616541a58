/** @file Layers without weights. */

import type { Value } from "../../../engine/graph/index.ts";
import { elementCount, showShape } from "../../../engine/tensor/index.ts";
import type { QuantizedWindow } from "../quantized-graph.ts";
import { type FloatLayer, type Limits, noLimits } from "./float-layer.ts";
import { type Lowering, type LoweringContext, placeOf, refusal } from "./lowering.ts";
import { unaryLayer } from "./unary.ts";
import { windowOf, withBias } from "./weighted.ts";

const undilated = { dilations: [1, 1] } as const;

export const lowerAveragePool: Lowering = (value) => {
  const window = { ...windowOf(value), ...undilated };
  if (value.attrs.countIncludesPadding === true && window.padding.some((size) => size > 0))
    throw refusal(
      value,
      "the mean must be over the image's elements only",
      "countIncludesPadding",
      "Set countIncludesPadding to false, or pad nothing",
    );
  return { kind: "averagePool", inputs: [value.inputs[0]!], output: value, window };
};

export const lowerMaxPool: Lowering = (value) => ({
  kind: "maxPool",
  inputs: [value.inputs[0]!],
  output: value,
  window: { ...windowOf(value), ...undilated },
});

function wholeImage(x: Value): QuantizedWindow {
  const kernel = [x.shape[2]!, x.shape[3]!] as const;
  return { kernel, strides: kernel, padding: [0, 0, 0, 0], ...undilated };
}

export const lowerGlobalAveragePool: Lowering = (value) => {
  const x = value.inputs[0]!;
  return { kind: "averagePool", inputs: [x], output: value, window: wholeImage(x) };
};

export const lowerReduceMean: Lowering = (value) => {
  const x = value.inputs[0]!;
  const axes = value.attrs.axes as readonly number[]; // reduceMean's own attribute
  if (x.shape.length !== 4 || axes.join() !== "2,3")
    throw refusal(
      value,
      "a mean must be over height and width",
      `axes ${showShape(axes)} of ${showShape(x.shape)}`,
      "Use globalAveragePool; in place of layer normalisation take batchNormalization",
    );
  return { kind: "averagePool", inputs: [x], output: value, window: wholeImage(x) };
};

export const lowerAdd: Lowering = (value, { absorbable }) => {
  const constantAt = value.inputs.findIndex(({ op }) => op === "constant");
  if (constantAt >= 0) {
    const layer = withBias(absorbable(value.inputs[1 - constantAt]!), value) ?? unaryLayer(value);
    if (layer !== undefined) return layer;
    throw refusal(
      value,
      "a constant may be added as a bias of a dense layer or convolution, or be one number",
      showShape(value.inputs[constantAt]!.shape),
      "Give the layer before it a bias",
    );
  }
  const [a, b] = [value.inputs[0]!, value.inputs[1]!];
  // x + relu(x) and the like are functions of one element, but two terms are exact enough as a sum
  if (a.shape.join() !== b.shape.join())
    throw refusal(
      value,
      "both terms must have the same shape",
      `${showShape(a.shape)} and ${showShape(b.shape)}`,
      "Bring both to one shape by a convolution",
    );
  return { kind: "add", inputs: [a, b], output: value, limits: noLimits };
};

/** True for numbers of the graph itself, and for what is computed of nothing else. */
function isConstant({ op, inputs }: Value): boolean {
  return op === "constant" || (inputs.length > 0 && inputs.every(isConstant));
}

export const lowerConcat: Lowering = (value) => {
  const [x] = value.inputs;
  if (value.attrs.axis !== 1 || x!.shape.length === 3)
    throw refusal(
      value,
      "concat must join the channels of images, features, or an axis of sequences of batch 1",
      `axis ${String(value.attrs.axis)} of ${showShape(x!.shape)}`,
      "Concatenate along axis 1, of sequences along axis 1 or 2",
    );
  const constant = value.inputs.find(isConstant);
  if (constant !== undefined)
    throw refusal(
      value,
      "concat must join what layers compute",
      `a constant ${showShape(constant.shape)}`,
      "Leave it out, and give the layer that reads them a bias",
    );
  return { kind: "concat", inputs: value.inputs, output: value };
};

export const lowerReshape: Lowering = (value) => {
  const x = value.inputs[0]!;
  if (x.shape[0] !== value.shape[0])
    throw refusal(
      value,
      "reshape must keep the batch axis",
      `${showShape(x.shape)} to ${showShape(value.shape)}`,
      "Reshape each sample on its own",
    );
  return { kind: "reshape", inputs: [x], output: value };
};

function lastLayer(kind: "softmax" | "argMax"): Lowering {
  return (value) => {
    const x = value.inputs[0]!;
    const axis = Number(value.attrs.axis);
    if (elementCount(x.shape) !== x.shape[axis])
      throw refusal(
        value,
        `${kind} must be over all elements of a sample`,
        `axis ${axis} of ${showShape(x.shape)}`,
        "Apply it to the logits of one sample",
      );
    return { kind, inputs: [x], output: value };
  };
}

export const lowerSoftmax: Lowering = lastLayer("softmax");
export const lowerArgMax: Lowering = lastLayer("argMax");

/** A clamp: fused into the layer before it where that has one, else on its own. */
function clamp(limitsOf: (value: Value) => Limits): Lowering {
  return (value, { absorbable }: LoweringContext): FloatLayer => {
    const x = value.inputs[0]!;
    const limits = limitsOf(value);
    const layer = absorbable(x);
    if (layer === undefined || !("limits" in layer))
      return { kind: "requantize", inputs: [x], output: value, limits };
    const min = Math.max(layer.limits.min, limits.min);
    const max = Math.min(layer.limits.max, limits.max);
    if (min > max)
      throw refusal(value, `${placeOf(value)} must leave a range`, `${min} to ${max}`, "Remove it");
    return { ...layer, output: value, limits: { min, max } };
  };
}

export const lowerRelu: Lowering = clamp(() => ({ min: 0, max: Infinity }));
export const lowerRelu6: Lowering = clamp(() => ({ min: 0, max: 6 }));
export const lowerClip: Lowering = clamp(({ attrs }) => ({
  min: Number(attrs.min),
  max: Number(attrs.max),
}));
