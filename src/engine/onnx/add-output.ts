/**
 * @file Adds an inner tensor of a model to its outputs, leaving every other byte of meaning alone.
 */

import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import type { OnnxValueInfo } from "./model.ts";
import { parseModel } from "./read.ts";
import { valueInfoProto } from "./write.ts";

/** @returns the model with `tap` as one more output; unchanged if it is an output already */
export function withOutput(bytes: Uint8Array, where: string, tap: OnnxValueInfo): Uint8Array {
  const model = parseModel(bytes, where);
  if (model.graph!.output.some(({ name }) => name === tap.name)) return bytes; // parseModel checked
  model.graph!.output.push(valueInfoProto(tap));
  return toBinary(ModelProtoSchema, model);
}
