/** @file An integer network as ONNX with QuantizeLinear and DequantizeLinear around every layer. */

import { onnxOpset } from "../../../engine/compile/index.ts";
import { writeOnnx } from "../../../engine/onnx/index.ts";
import { scalar, tensor } from "../../../engine/tensor/index.ts";
import { assertQuantized, type QuantizedGraph } from "../../quantize/index.ts";
import { emitLayer } from "./layer-nodes.ts";
import { type NodeList, nodeList } from "./node-list.ts";

export interface ExportOnnxInt8Options {
  /** name of the input; default "samples" */
  readonly input?: string;
  /** name of the output; default "logits" */
  readonly output?: string;
  /** kept in the file: class names */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a model that takes the samples as they are stored, with a free batch axis, and gives real
 * numbers (argMax: int64). Weights are int8, biases int32, activations uint8, each with its scales.
 * ONNX Runtime makes integer kernels of convolutions and dense layers, and gives within one step
 * what `runQuantized(graph, input, "onnxruntime")` gives; trained students give the same integers.
 *
 * @returns the bytes of an .onnx file, opset 18
 */
export function exportOnnxInt8(
  graph: QuantizedGraph,
  { input = "samples", output = "logits", metadata = {} }: ExportOnnxInt8Options = {},
): Uint8Array {
  assertQuantized("exportOnnxInt8", graph);
  const list = nodeList();
  const [first, last] = [graph.tensors[graph.input]!, graph.tensors[graph.output]!];
  const names = new Map([[graph.input, list.quantized(samplesOf(graph, list, input), first)]]);
  for (const layer of graph.layers)
    names.set(
      layer.output,
      emitLayer({
        layer,
        list,
        inputs: layer.inputs.map((at) => names.get(at)!), // layers stand in order
        inputTensors: layer.inputs.map((at) => graph.tensors[at]!),
        outputTensor: graph.tensors[layer.output]!,
      }),
    );
  const result = names.get(graph.output)!; // likewise
  const isIndex = last.dtype === "int32";
  const shown = isIndex ? result : list.real(result, last);
  list.nodes.push({ type: "Identity", domain: "", inputs: [shown], outputs: [output], attrs: {} });
  return writeOnnx({
    opset: onnxOpset,
    metadata,
    graph: {
      name: graph.name,
      nodes: list.nodes,
      initializers: list.initializers,
      inputs: [
        {
          name: input,
          dtype: graph.sample.dtype,
          shape: ["batch", ...(graph.sampleShape ?? first.shape)],
        },
      ],
      outputs: [
        { name: output, dtype: isIndex ? "int64" : "float32", shape: ["batch", ...last.shape] },
      ],
    },
  });
}

/** in the input tensor's shape, which may have an axis more than what is stored */
function samplesOf(graph: QuantizedGraph, list: NodeList, input: string): string {
  const real = preprocessed(graph, list, input);
  if (graph.sampleShape === undefined) return real;
  const sizes = BigInt64Array.from([0, ...graph.tensors[graph.input]!.shape], BigInt); // 0 keeps the batch
  return list.node("Reshape", [real, list.constant(tensor("int64", [sizes.length], sizes))]);
}

function preprocessed({ sample }: QuantizedGraph, list: NodeList, input: string): string {
  const { dtype, scale, offset } = sample;
  const number = (value: number): string => list.constant(scalar("float32", value));
  const real = dtype === "float32" ? input : list.node("Cast", [input], { to: 1n }); // float32
  const scaled = scale === 1 ? real : list.node("Mul", [real, number(scale)]);
  return offset === 0 ? scaled : list.node("Add", [scaled, number(offset)]);
}
