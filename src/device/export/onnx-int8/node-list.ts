/** @file Collects ONNX nodes and initializers, and pairs of QuantizeLinear and DequantizeLinear. */

import type { OnnxAttribute, OnnxInitializer, OnnxNode } from "../../../engine/onnx/index.ts";
import { type Shape, scalar, type Tensor, tensor } from "../../../engine/tensor/index.ts";
import type { Quantization, WeightedLayer } from "../../quantize/index.ts";

/**
 * Names are of ONNX values. Activations are stored as uint8, q + 128: on x86 ONNX Runtime makes
 * integer kernels of int8 only where a tensor has one reader, and computes the others in float32.
 */
export interface NodeList {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxInitializer[];
  readonly constant: (value: Tensor) => string;
  readonly node: (
    type: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, OnnxAttribute>>,
  ) => string;
  /** real → uint8 */
  readonly quantized: (real: string, quantization: Quantization) => string;
  /** uint8 → real */
  readonly real: (bytes: string, quantization: Quantization) => string;
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
    constant(scalar("uint8", zeroPoint + 128)),
  ];
  // ONNX Runtime has integer kernels for dense layers only where the zero points are written out
  const dequantized = (values: Tensor, zeros: Tensor, scales: Float32Array): string => {
    const per = scales.length > 1;
    const scale = per ? tensor("float32", [scales.length], scales) : scalar("float32", scales[0]!); // there is at least one
    const operands = [values, scale, zeros].map(constant);
    return node("DequantizeLinear", operands, per ? { axis: 0n } : undefined);
  };
  const sizeOf = ({ length }: Float32Array): Shape => (length > 1 ? [length] : []);
  return {
    nodes,
    initializers,
    constant,
    node,
    quantized: (real, quantization) => node("QuantizeLinear", [real, ...parameters(quantization)]),
    real: (bytes, quantization) => node("DequantizeLinear", [bytes, ...parameters(quantization)]),
    weights: ({ weights, weightScales }, shape) =>
      dequantized(
        tensor("int8", shape, weights),
        tensor("int8", sizeOf(weightScales), new Int8Array(weightScales.length)),
        weightScales,
      ),
    bias: ({ bias, weightScales }, { scale }) =>
      dequantized(
        tensor("int32", [bias.length], bias),
        tensor("int32", sizeOf(weightScales), new Int32Array(weightScales.length)),
        weightScales.map((own) => own * scale),
      ),
  };
}
