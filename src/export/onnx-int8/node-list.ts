/** @file Collects ONNX nodes and initializers, and pairs of QuantizeLinear and DequantizeLinear. */

import type { OnnxAttribute, OnnxInitializer, OnnxNode } from "../../onnx/index.ts";
import type { Quantization, WeightedLayer } from "../../quantize/index.ts";
import { type Shape, scalar, type Tensor, tensor } from "../../tensor/index.ts";

/** Names are of ONNX values. */
export interface NodeList {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxInitializer[];
  readonly constant: (value: Tensor) => string;
  readonly node: (
    type: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, OnnxAttribute>>,
  ) => string;
  /** real → int8 */
  readonly quantized: (real: string, quantization: Quantization) => string;
  /** int8 → real */
  readonly real: (int8: string, quantization: Quantization) => string;
  /** a layer's weights as a real tensor of this shape, one scale per row or for all */
  readonly weights: (layer: WeightedLayer, shape: Shape) => string;
  readonly bias: (layer: WeightedLayer, input: Quantization) => string;
}

export function nodeList(): NodeList {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const constant = (value: Tensor): string => {
    const name = `c${initializers.length}`;
    initializers.push({ name, value });
    return name;
  };
  const node: NodeList["node"] = (type, inputs, attrs = {}) => {
    const name = `v${nodes.length}`;
    nodes.push({ type, domain: "", inputs, outputs: [name], attrs });
    return name;
  };
  const parameters = ({ scale, zeroPoint }: Quantization): readonly string[] => [
    constant(scalar("float32", scale)),
    constant(scalar("int8", zeroPoint)),
  ];
  const dequantized = (values: Tensor, scales: Float32Array): string => {
    const per = scales.length > 1;
    const scale = per ? tensor("float32", [scales.length], scales) : scalar("float32", scales[0]!); // there is at least one
    return node(
      "DequantizeLinear",
      [constant(values), constant(scale)],
      per ? { axis: 0n } : undefined,
    );
  };
  return {
    nodes,
    initializers,
    constant,
    node,
    quantized: (real, quantization) => node("QuantizeLinear", [real, ...parameters(quantization)]),
    real: (int8, quantization) => node("DequantizeLinear", [int8, ...parameters(quantization)]),
    weights: ({ weights, weightScales }, shape) =>
      dequantized(tensor("int8", shape, weights), weightScales),
    bias: ({ bias, weightScales }, { scale }) =>
      dequantized(
        tensor("int32", [bias.length], bias),
        weightScales.map((own) => own * scale),
      ),
  };
}
