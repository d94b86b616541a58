/** @file Reads an ONNX model into plain data. */

import { fromBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from "onnx-buf";
import { DataError } from "../../errors/index.ts";
import { allocate, elementCount, type Tensor, viewBytes } from "../tensor/index.ts";
import { dtypeOfOnnx } from "./dtype.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxValueInfo } from "./model.ts";

/**
 * @param where names the file in messages
 * @throws DataError "file/magic" if the bytes are no ONNX model; "file/unsupported-dtype";
 *   "file/external-data"
 */
export function readOnnx(bytes: Uint8Array, where: string): OnnxModel {
  const proto = parseModel(bytes, where);
  const opset = proto.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  return {
    opset: Number(opset?.version ?? 0n),
    graph: graphFrom(where, proto.graph!), // parseModel has checked it
    metadata: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

/** @returns the protobuf message itself, with every field kept. @throws DataError "file/magic" */
export function parseModel(bytes: Uint8Array, where: string): ModelProto {
  const refuse = (got: string, cause?: unknown): never => {
    throw new DataError("file/magic", {
      where,
      rule: "the file must be an ONNX model",
      got,
      fix: "Export the model again, and check that the file was copied whole",
      cause,
    });
  };
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    return refuse(`${bytes.length} bytes that are no protobuf message, or a part of one`, cause);
  }
  if (model.graph === undefined || model.opsetImport.length === 0)
    return refuse("a message without a graph or an operator set");
  return model;
}

function graphFrom(where: string, graph: GraphProto): OnnxGraph {
  return {
    name: graph.name,
    nodes: graph.node.map((node) => ({
      ...(node.name !== "" && { name: node.name }),
      type: node.opType,
      domain: node.domain === "ai.onnx" ? "" : node.domain,
      inputs: node.input,
      outputs: node.output,
      attrs: Object.fromEntries(node.attribute.map((a) => [a.name, attributeFrom(where, a)])),
    })),
    inputs: graph.input.map((info) => valueInfoFrom(where, info, graph.node)),
    outputs: graph.output.map((info) => valueInfoFrom(where, info, graph.node)),
    initializers: graph.initializer.map((t) => ({ name: t.name, value: tensorFrom(where, t) })),
  };
}

function valueInfoFrom(
  where: string,
  info: ValueInfoProto,
  nodes: GraphProto["node"],
): OnnxValueInfo {
  const type = info.type?.value;
  const isZipMap = nodes.some(
    ({ opType, output }) => opType === "ZipMap" && output.includes(info.name),
  );
  if (type?.case !== "tensorType")
    throw new DataError("file/unsupported-dtype", {
      where,
      rule: `input or output "${info.name}" must be a tensor, whichever output is asked for`,
      got: isZipMap ? "a list of maps, which a ZipMap node makes" : (type?.case ?? "no type"),
      fix: isZipMap
        ? 'Export the model without ZipMap (skl2onnx: options={"zipmap": False})'
        : "Export the model without sequences, maps and optional values",
    });
  const shape = type.value.shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : (value.value ?? "?"),
  );
  return { name: info.name, dtype: dtypeOfOnnx(where, type.value.elemType), shape };
}

function tensorFrom(where: string, proto: TensorProto): Tensor {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL)
    throw new DataError("file/external-data", {
      where,
      rule: `tensor "${proto.name}" must be inside the file`,
      got: "external data",
      fix: "Read the file with readOnnxFile (Node) or bring its data in with inlineExternalData, or save the model as one file",
    });
  const dtype = dtypeOfOnnx(where, proto.dataType);
  const shape = proto.dims.map(Number);
  const count = elementCount(shape);
  if (proto.rawData.length > 0 || count === 0)
    return { dtype, shape, data: viewBytes(dtype, proto.rawData, count) };
  const data = allocate(dtype, count);
  const values: readonly (number | bigint)[] =
    [proto.floatData, proto.doubleData, proto.int64Data, proto.int32Data, proto.uint64Data].find(
      (list) => list.length > 0,
    ) ?? [];
  for (const [index, value] of values.entries())
    data[index] = data instanceof BigInt64Array ? BigInt(value) : Number(value);
  return { dtype, shape, data };
}

function attributeFrom(where: string, attribute: AttributeProto): OnnxAttribute {
  const text = new TextDecoder();
  switch (attribute.type) {
    case AttributeType.INT:
      return attribute.i;
    case AttributeType.FLOAT:
      return attribute.f;
    case AttributeType.STRING:
      return text.decode(attribute.s);
    case AttributeType.INTS:
      return attribute.ints;
    case AttributeType.FLOATS:
      return attribute.floats;
    case AttributeType.STRINGS:
      return attribute.strings.map((bytes) => text.decode(bytes));
    case AttributeType.TENSOR:
      return tensorFrom(where, attribute.t!); // the type says that it is there
    case AttributeType.GRAPH:
      return graphFrom(where, attribute.g!); // the type says that it is there
    default:
      throw new DataError("file/unsupported-attribute", {
        where,
        rule: `attribute "${attribute.name}" must be a number, text, list, tensor or graph`,
        got: AttributeType[attribute.type] ?? String(attribute.type),
        fix: "Simplify the model before loading it",
      });
  }
}
