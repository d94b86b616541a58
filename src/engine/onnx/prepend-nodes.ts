/** @file Puts nodes before a model's input, leaving every other byte of meaning alone. */

import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import type { OnnxInitializer, OnnxNode, OnnxValueInfo } from "./model.ts";
import { parseModel } from "./read.ts";
import { nodeProto, tensorProto, valueInfoProto } from "./write.ts";

/** Nodes that make a model's input of another one. */
export interface Front {
  /** the input that they replace: what the last of them gives */
  readonly replaces: string;
  readonly input: OnnxValueInfo;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

/** @returns the model with the front's input in place of the one that it makes */
export function withFront(bytes: Uint8Array, where: string, front: Front): Uint8Array {
  const model = parseModel(bytes, where);
  const graph = model.graph!; // parseModel checked
  const at = graph.input.findIndex(({ name }) => name === front.replaces);
  graph.input.splice(at, 1, valueInfoProto(front.input));
  graph.node.unshift(...front.nodes.map(nodeProto));
  graph.initializer.push(...front.initializers.map(({ name, value }) => tensorProto(name, value)));
  return toBinary(ModelProtoSchema, model);
}
