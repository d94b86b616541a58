/** @file Writes an ONNX model. */

import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { bytesOf, type Tensor } from "../tensor/index.ts";
import { onnxDType } from "./dtype.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValueInfo } from "./model.ts";

/** IR version 9 goes with opset 18-20 and is read by every runtime since 2023. */
const irVersion = 9n;

/** @returns the bytes of an .onnx file; the same model always gives the same bytes */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const proto = create(ModelProtoSchema, {
    irVersion,
    producerName: "potstill",
    graph: graphProto(model.graph),
    opsetImport: [
      { domain: "", version: BigInt(model.opset) },
      ...domainsOf(model.graph).map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, proto);
}

/** @returns the operator sets beside the standard one; each is at version 1, the only one so far */
function domainsOf(graph: OnnxGraph): string[] {
  const found = new Set<string>();
  const visit = ({ nodes }: OnnxGraph): void => {
    for (const { domain, attrs } of nodes) {
      if (domain !== "") found.add(domain);
      for (const value of Object.values(attrs))
        if (typeof value === "object" && "nodes" in value) visit(value);
    }
  };
  visit(graph);
  return [...found].sort();
}

function graphProto(graph: OnnxGraph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    input: graph.inputs.map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
    initializer: graph.initializers.map(({ name, value }) => tensorProto(name, value)),
  });
}

export function nodeProto(node: OnnxNode): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name ?? "",
    opType: node.type,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attrs).map(([name, value]) => attributeProto(name, value)),
  });
}

/** @returns an input or output declaration */
export function valueInfoProto({ name, dtype, shape }: OnnxValueInfo): ValueInfoProto {
  const dim = shape?.map((size) =>
    typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } },
  );
  const value = { elemType: onnxDType(dtype), ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value } } });
}

export function tensorProto(name: string, { dtype, shape, data }: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: onnxDType(dtype),
    rawData: Uint8Array.from(bytesOf(data)),
  });
}

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  const utf8 = new TextEncoder();
  const make = (fields: Omit<Partial<AttributeProto>, "$typeName" | "$unknown">): AttributeProto =>
    create(AttributeProtoSchema, { name, ...fields });
  if (typeof value === "bigint") return make({ type: AttributeType.INT, i: value });
  if (typeof value === "number") return make({ type: AttributeType.FLOAT, f: value });
  if (typeof value === "string") return make({ type: AttributeType.STRING, s: utf8.encode(value) });
  if ("nodes" in value) return make({ type: AttributeType.GRAPH, g: graphProto(value) });
  if ("data" in value) return make({ type: AttributeType.TENSOR, t: tensorProto(name, value) });
  if (value.every((item) => typeof item === "bigint"))
    return make({ type: AttributeType.INTS, ints: [...value] });
  if (value.every((item) => typeof item === "number"))
    return make({ type: AttributeType.FLOATS, floats: [...value] });
  return make({ type: AttributeType.STRINGS, strings: value.map((s) => utf8.encode(String(s))) });
}
