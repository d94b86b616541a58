/** @file Batch normalisation at inference folded into the convolution or dense layer before it. */

import {
  constant,
  type Graph,
  rewriteGraph,
  usesOf,
  type Value,
  withOrigin,
} from "../../engine/graph/index.ts";
import { conv2d, gemm, type Padding, type Size2d } from "../../engine/ops/index.ts";
import { elementCount, float32, type Tensor } from "../../engine/tensor/index.ts";

/**
 * Replaces batchNormalization(conv2d(x, k, b)) by conv2d(x, k′, b′), and likewise for gemm:
 *
 *   g[o] = scale[o] / √(variance[o] + ε)    k′[o] = g[o] · k[o]
 *   b′[o] = bias[o] + g[o] · (b[o] − mean[o])
 *
 * computed in float64 and rounded once. Only where kernel and statistics are constants and nothing
 * else reads the layer's result; others stay.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const uses = usesOf(graph);
  return rewriteGraph(graph, (node, { op, inputs }) => {
    const isAlone = op === "batchNormalization" && uses.once(inputs[0]!);
    return (isAlone ? folded(node) : undefined) ?? node;
  });
}

/** @returns the elements of a constant, or undefined */
export function constantData(value: Value | undefined): Float32Array | undefined {
  if (value?.op !== "constant" || value.dtype !== "float32") return undefined;
  return (value.attrs.value as Tensor<"float32">).data; // constant() puts it there
}

function folded(norm: Value): Value | undefined {
  const [layer, ...parts] = norm.inputs;
  const data = parts.map(constantData);
  const [scale, offset, mean, variance] = data;
  if (!layer || !scale || !offset || !mean || !variance) return undefined;
  const kernel = constantData(layer.inputs[1]);
  const oldBias = layer.inputs[2];
  const bias = oldBias === undefined ? new Float32Array(scale.length) : constantData(oldBias);
  if (kernel === undefined || bias?.length !== scale.length) return undefined;
  const epsilon = Number(norm.attrs.epsilon);
  const gains = Float64Array.from(scale, (s, o) => s / Math.sqrt(variance[o]! + epsilon));
  const newBias = constant(
    float32(
      [scale.length],
      gains.map((gain, o) => offset[o]! + gain * (bias[o]! - mean[o]!)),
    ),
  );
  const result = withGains(layer, kernel, gains, newBias);
  return result && withOrigin(result, layer.origin);
}

function withGains(
  layer: Value,
  kernel: Float32Array,
  gains: Float64Array,
  bias: Value,
): Value | undefined {
  const [x, oldKernel] = [layer.inputs[0]!, layer.inputs[1]!];
  const scaled = (gainOf: (index: number) => number): Value =>
    constant(
      float32(
        oldKernel.shape,
        kernel.map((weight, index) => weight * gains[gainOf(index)]!),
      ),
      oldKernel.name,
    );
  if (layer.op === "conv2d") {
    const size = elementCount(oldKernel.shape.slice(1));
    const { strides, dilations, padding, groups } = layer.attrs;
    return conv2d(
      x,
      scaled((index) => Math.floor(index / size)),
      {
        bias,
        strides: strides as Size2d, // conv2d's own attributes
        dilations: dilations as Size2d,
        padding: padding as Padding,
        groups: groups as number,
      },
    );
  }
  if (layer.op !== "gemm") return undefined;
  const transB = layer.attrs.transB === true;
  const [rows, columns] = [oldKernel.shape[0]!, oldKernel.shape[1]!];
  const columnOf = (index: number): number => index % columns;
  const rowOf = (index: number): number => Math.floor(index / columns);
  if ((transB ? rows : columns) !== gains.length) return undefined;
  return gemm(x, scaled(transB ? rowOf : columnOf), {
    c: bias,
    transA: layer.attrs.transA === true,
    transB,
  });
}
