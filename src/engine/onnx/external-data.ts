/** @file Weights that an ONNX model keeps in other files, brought into its own bytes. */

import { toBinary } from "@bufbuild/protobuf";
import {
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { DataError } from "../../errors/index.ts";
import { dtypeBytes, elementCount } from "../tensor/index.ts";
import { dtypeOfOnnx } from "./dtype.ts";
import { parseModel } from "./read.ts";

/** Where a tensor's bytes lie. */
export interface ExternalPart {
  /** the tensor's name */
  readonly tensor: string;
  /** a path, from the model's folder */
  readonly location: string;
  /** of the first byte in that file */
  readonly offset: number;
  /** bytes: all of the tensor's */
  readonly length: number;
}

/** Protobuf's own limit for a message, 2 GB. */
const largestMessage = 2 ** 31 - 1;

/**
 * Brings tensors that lie in other files ("external data", what PyTorch's exporter writes) into the
 * model, so that its bytes, and their hash, are all of it.
 *
 * @param where names the model in messages
 * @param read gives the bytes of each part, in order
 * @returns the model in one piece; the same bytes where all tensors are inside already
 * @throws DataError "file/magic" as readOnnx; "file/external-data" for a tensor without a location
 *   or with another length than its shape's; "file/too-large" beyond 2 GB in one piece;
 *   "file/unsupported-dtype"; as `read`
 * @see ONNX, External Data, https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
export async function inlineExternalData(
  bytes: Uint8Array,
  where: string,
  read: (parts: readonly ExternalPart[]) => Promise<readonly Uint8Array<ArrayBuffer>[]>,
): Promise<Uint8Array> {
  const model = parseModel(bytes, where);
  const tensors = tensorsOf(model).filter((t) => t.dataLocation === DataLocation.EXTERNAL);
  if (tensors.length === 0) return bytes;
  const parts = tensors.map((tensor) => partOf(tensor, where));
  const total = parts.reduce((sum, { length }) => sum + length, bytes.length);
  if (total > largestMessage)
    throw new DataError("file/too-large", {
      where,
      rule: `with its external data a model must fit in protobuf's 2 GB (${largestMessage} bytes)`,
      got: `${total} bytes`,
      fix: "Save its weights as float16, or run it elsewhere and ask it with functionTeacher",
      details: { total },
    });
  const found = await read(parts);
  for (const [at, tensor] of tensors.entries()) {
    tensor.rawData = found[at]!; // one for each part
    tensor.externalData = [];
    tensor.dataLocation = DataLocation.DEFAULT;
  }
  return toBinary(ModelProtoSchema, model);
}

function tensorsOf({ graph, functions }: ModelProto): readonly TensorProto[] {
  return [...inGraph(graph!), ...functions.flatMap(({ node }) => inNodes(node))]; // parseModel has looked
}

function inGraph({ initializer, node }: GraphProto): readonly TensorProto[] {
  return [...initializer, ...inNodes(node)];
}

function inNodes(nodes: readonly NodeProto[]): readonly TensorProto[] {
  return nodes
    .flatMap(({ attribute }) => attribute)
    .flatMap(({ t, tensors, g, graphs }) => [
      ...(t ? [t] : []),
      ...tensors,
      ...(g ? inGraph(g) : []),
      ...graphs.flatMap(inGraph),
    ]);
}

function partOf({ name, dims, dataType, externalData }: TensorProto, file: string): ExternalPart {
  const where = `${file}, tensor "${name}"`;
  const said = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = said.get("location");
  const size = elementCount(dims.map(Number)) * dtypeBytes(dtypeOfOnnx(where, dataType));
  const offset = Number(said.get("offset") ?? 0);
  const length = Number(said.get("length") ?? size);
  const refuse = (rule: string, got: string): never => {
    throw new DataError("file/external-data", {
      where,
      rule,
      got,
      fix: "Export the model again, or save it as one file",
      details: { tensor: name, location, offset, length },
    });
  };
  if (location === undefined) return refuse("external data must say in which file", "no location");
  if (!Number.isSafeInteger(offset) || offset < 0)
    refuse(`its offset in ${location} must be a whole number of bytes`, `${said.get("offset")}`);
  if (length !== size)
    refuse(`its shape takes ${size} bytes of ${location}`, `a length of ${said.get("length")}`);
  return { tensor: name, location, offset, length };
}
