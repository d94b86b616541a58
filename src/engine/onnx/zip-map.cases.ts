/** @file Classifiers as skl2onnx writes them, with maps of classes beside probabilities. */

import { create, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { parseModel } from "./read.ts";

/** @returns the model with an output "maps" more, which a ZipMap makes of a tensor */
export function withZipMap(bytes: Uint8Array, tensor: string): Uint8Array {
  const model = parseModel(bytes, "a model");
  const domain = "ai.onnx.ml";
  const [input, output] = [[tensor], ["maps"]];
  model.graph!.node.push(create(NodeProtoSchema, { opType: "ZipMap", domain, input, output }));
  const type = create(TypeProtoSchema, { value: { case: "sequenceType", value: {} } });
  model.graph!.output.push(create(ValueInfoProtoSchema, { name: "maps", type }));
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 3n }));
  return toBinary(ModelProtoSchema, model);
}
