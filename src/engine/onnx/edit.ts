/**
 * @file Adds an output to a model, or nodes before its input, leaving every other byte of meaning
 * alone.
 */

import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import type { OnnxInitializer, OnnxNode, OnnxValueInfo } from "./model.ts";
import { parseModel } from "./read.ts";
import { nodeProto, tensorProto, valueInfoProto } from "./write.ts";

/** @returns the model with `tap` as one more output; unchanged if it is an output already */
export function withOutput(bytes: Uint8Array, where: string, tap: OnnxValueInfo): Uint8Array {
  const model = parseModel(bytes, where);
  if (model.graph!.output.some(({ name }) => name === tap.name)) return bytes; // parseModel checked
  model.graph!.output.push(valueInfoProto(tap));
  return toBinary(ModelProtoSchema, model);
}

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
