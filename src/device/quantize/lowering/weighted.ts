/** @file Layers with weights: conv2d, gemm, matMul, batchNormalization, and an add of a bias. */

import type { Value } from "../../../engine/graph/index.ts";
import { elementCount, showShape } from "../../../engine/tensor/index.ts";
import { constantData } from "../fold-batch-norm.ts";
import type { QuantizedWindow } from "../quantized-graph.ts";
import { type FloatLayer, type FloatWeighted, noLimits } from "./float-layer.ts";
import { type Lowering, refusal } from "./lowering.ts";

const unitWindow: QuantizedWindow = {
  kernel: [1, 1],
  strides: [1, 1],
  padding: [0, 0, 0, 0],
  dilations: [1, 1],
};

/** @returns the window in an operator's attributes, which resolveWindow wrote */
export function windowOf({ attrs }: Value): QuantizedWindow {
  const { kernel, strides, padding, dilations } = attrs as unknown as QuantizedWindow; // see above
  return { kernel, strides, padding, dilations };
}

function weightsOf(value: Value, operand: Value | undefined): Float32Array {
  const data = constantData(operand);
  if (data === undefined)
    throw refusal(
      value,
      "weights must be constants",
      operand === undefined ? "none" : `a result of ${operand.op}`,
      "Build the graph with its weights baked in; for attention, a product of two activations, take a gru or tcn",
    );
  return data;
}

export const lowerConv2d: Lowering = (value) => {
  const [x, kernel, bias] = [value.inputs[0]!, value.inputs[1]!, value.inputs[2]];
  const weights = weightsOf(value, kernel);
  const groups = Number(value.attrs.groups);
  const depthwise = groups > 1 && groups === x.shape[1];
  if (groups > 1 && !depthwise)
    throw refusal(
      value,
      "a grouped convolution must be depthwise: as many groups as input channels",
      `${groups} groups of ${showShape(x.shape)}`,
      "Use groups 1, or a depthwise convolution followed by one with a 1x1 kernel",
    );
  return {
    kind: depthwise ? "depthwiseConv2d" : "conv2d",
    inputs: [x],
    output: value,
    weights,
    bias: bias === undefined ? new Float32Array(kernel.shape[0]!) : weightsOf(value, bias),
    limits: noLimits,
    window: windowOf(value),
  };
};

/** [in, out] → [out, in] */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!);
}

export const lowerGemm: Lowering = (value) => {
  const [a, b, c] = [value.inputs[0]!, value.inputs[1]!, value.inputs[2]];
  const kernel = weightsOf(value, b);
  if (value.attrs.transA === true)
    throw refusal(value, "transA must be false", "true", "Transpose the weights, not the samples");
  const outputs = value.shape[1]!;
  const bias = c === undefined ? undefined : weightsOf(value, c);
  const spread = Float32Array.from({ length: outputs }, (_, o) => bias?.[o % bias.length] ?? 0);
  const [rows, columns] = [b.shape[0]!, b.shape[1]!];
  const weights = value.attrs.transB === true ? kernel : transposed(kernel, rows, columns);
  return { kind: "dense", inputs: [a], output: value, weights, bias: spread, limits: noLimits };
};

export const lowerMatMul: Lowering = (value) => {
  const [a, b] = [value.inputs[0]!, value.inputs[1]!];
  const kernel = weightsOf(value, b);
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw refusal(
      value,
      "a matrix product must be of [1, in] and [in, out]",
      `${showShape(a.shape)} and ${showShape(b.shape)}`,
      "Flatten the samples first",
    );
  const [rows, columns] = [b.shape[0]!, b.shape[1]!];
  const weights = transposed(kernel, rows, columns);
  const bias = new Float32Array(columns);
  return { kind: "dense", inputs: [a], output: value, weights, bias, limits: noLimits };
};

/** One that follows no convolution: a depthwise convolution with a 1x1 kernel. */
export const lowerBatchNormalization: Lowering = (value) => {
  const [x, ...parts] = value.inputs;
  const [scale, offset, mean, variance] = parts.map((part) => weightsOf(value, part));
  const gains = scale!.map((s, c) => s / Math.sqrt(variance![c]! + Number(value.attrs.epsilon)));
  return {
    kind: "depthwiseConv2d",
    inputs: [x!],
    output: value,
    weights: gains,
    bias: gains.map((gain, c) => offset![c]! - gain * mean![c]!),
    limits: noLimits,
    window: unitWindow,
  };
};

/** @returns the layer with the constant added to its bias, or undefined if that is no bias */
export function withBias(layer: FloatLayer | undefined, value: Value): FloatWeighted | undefined {
  if (layer === undefined || !("weights" in layer)) return undefined;
  if (layer.limits.min !== -Infinity || layer.limits.max !== Infinity) return undefined;
  const addend = value.inputs.find((operand) => operand !== layer.output);
  const data = constantData(addend);
  const channels = layer.bias.length;
  if (addend === undefined || data === undefined) return undefined;
  if (value.shape.length !== layer.output.shape.length) return undefined;
  const axis = value.shape.length - addend.shape.length;
  const channelAxis = addend.shape.length === 0 ? 1 : 1 - axis;
  const alone = elementCount(addend.shape) === (addend.shape[channelAxis] ?? 1);
  if (!alone || (data.length !== 1 && data.length !== channels)) return undefined;
  const bias = layer.bias.map((own, c) => own + data[data.length === 1 ? 0 : c]!);
  return { ...layer, bias, output: value };
}
