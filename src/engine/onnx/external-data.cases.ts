/** @file Models whose weights lie in a file beside them, as PyTorch's exporter writes them. */

import { clone, create, toBinary } from "@bufbuild/protobuf";
import {
  TensorProto_DataLocation as DataLocation,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
} from "onnx-buf";
import { parseModel } from "./read.ts";

/** Keys of a tensor's external_data. */
export type ExternalKeys = Readonly<Record<string, string>>;

/**
 * @param changed what the keys are in the place of the right ones, which are given to it
 * @returns the model with its initializers in `data`, one after another from byte 16 on
 */
export function withDataBeside(
  bytes: Uint8Array,
  location: string,
  changed: (keys: ExternalKeys) => ExternalKeys = (keys) => keys,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const model = clone(ModelProtoSchema, parseModel(bytes, "a model"));
  const pieces: Uint8Array[] = [new Uint8Array(16)];
  let offset = 16;
  for (const tensor of model.graph!.initializer) {
    const { length } = tensor.rawData;
    const keys = changed({ location, offset: String(offset), length: String(length) });
    tensor.externalData = Object.entries(keys).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    tensor.dataLocation = DataLocation.EXTERNAL;
    pieces.push(tensor.rawData);
    tensor.rawData = new Uint8Array();
    offset += length;
  }
  const data = new Uint8Array(offset);
  let at = 0;
  for (const piece of pieces) {
    data.set(piece, at);
    at += piece.length;
  }
  return { model: toBinary(ModelProtoSchema, model), data };
}
