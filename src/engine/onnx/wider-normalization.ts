/** @file Gives a model's normalisations three axes, leaving every other byte of meaning alone. */

import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto } from "onnx-buf";
import type { OnnxNode } from "./model.ts";
import { parseModel } from "./read.ts";
import { nodeProto, tensorProto } from "./write.ts";

/** Starts the names of what is added. */
const prefix = "potstill/normalization/";

/**
 * For a runtime whose BatchNormalization is wrong for two axes: its operand [batch, channels, ...]
 * becomes [batch, channels, places] and the result takes the operand's shape again. One that is a
 * convolution's result has places already, and stays beside it.
 *
 * @returns the model; unchanged if it has no such normalisation
 * @throws DataError "file/magic"
 */
export function withWiderNormalization(bytes: Uint8Array, where: string): Uint8Array {
  const model = parseModel(bytes, where);
  const graph = model.graph!; // parseModel checked
  const images = new Set(
    graph.node.filter(({ opType }) => opType === "Conv").flatMap(({ output }) => output),
  );
  const isNarrow = ({ opType, input, output }: NodeProto): boolean =>
    opType === "BatchNormalization" && output.length === 1 && !images.has(input[0]!);
  if (!graph.node.some(isNarrow)) return bytes;
  const three = { dtype: "int64", shape: [3], data: BigInt64Array.of(0n, 0n, -1n) } as const;
  graph.initializer.push(tensorProto(`${prefix}three`, three));
  graph.node = graph.node.flatMap((node, at) => {
    if (!isNarrow(node)) return [node];
    const [x, y] = [node.input[0]!, node.output[0]!];
    const [shape, wide, result] = ["shape", "wide", "result"].map(
      (part) => `${prefix}${at}/${part}`,
    );
    node.input[0] = wide!;
    node.output[0] = result!;
    return [
      plain("Shape", [x], shape!),
      plain("Reshape", [x, `${prefix}three`], wide!),
      node,
      plain("Reshape", [result!, shape!], y),
    ];
  });
  return toBinary(ModelProtoSchema, model);
}

function plain(type: string, inputs: readonly string[], output: string): NodeProto {
  const node: OnnxNode = { type, domain: "", inputs, outputs: [output], attrs: {} };
  return nodeProto(node);
}
