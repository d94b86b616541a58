/**
 * @file Small ONNX models for the tests of ONNX teachers: z = flatten(x) · W, and a tail that makes
 * the outputs.
 */

import {
  type OnnxAttribute,
  type OnnxDim,
  type OnnxNode,
  type OnnxValueInfo,
  writeOnnx,
} from "../../engine/onnx/index.ts";
import { type DType, randomStream, type Tensor, tensor } from "../../engine/tensor/index.ts";

export interface LinearModel {
  /** columns of W; default 3 */
  readonly width?: number;
  /** axes of x; default ["N", 1, 4, 4] */
  readonly input?: readonly OnnxDim[];
  readonly inputDType?: DType;
  /** nodes after "z"; default none */
  readonly tail?: readonly OnnxNode[];
  /** names of outputs; default ["z"] */
  readonly outputs?: readonly (string | OnnxValueInfo)[];
  readonly moreInputs?: readonly OnnxValueInfo[];
  readonly moreConstants?: readonly { readonly name: string; readonly value: Tensor }[];
  readonly opset?: number;
  /** factor on the weights */
  readonly gain?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attrs: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  return { type, domain: "", inputs, outputs: [output], attrs };
}

/** W of every linear model: float32 [16, width] */
export function linearWeights(width: number, gain: number): Float32Array {
  const stream = randomStream("linear", width);
  return Float32Array.from({ length: 16 * width }, () => stream.normal() * gain);
}

export function linearModel(model: LinearModel = {}): Uint8Array {
  const { width = 3, input = ["N", 1, 4, 4], inputDType = "float32", gain = 1 } = model;
  const rows: readonly OnnxDim[] = [input[0] ?? "N", width];
  const from = inputDType === "float32" ? "x" : "real";
  const cast = inputDType === "float32" ? [] : [node("Cast", ["x"], from, { to: 1n })];
  const info = (name: string): OnnxValueInfo => ({ name, dtype: "float32", shape: rows });
  return writeOnnx({
    opset: model.opset ?? 18,
    metadata: model.metadata ?? {},
    graph: {
      name: "linear",
      inputs: [{ name: "x", dtype: inputDType, shape: input }, ...(model.moreInputs ?? [])],
      outputs: (model.outputs ?? ["z"]).map((o) => (typeof o === "string" ? info(o) : o)),
      initializers: [
        { name: "W", value: tensor("float32", [16, width], linearWeights(width, gain)) },
        ...(model.moreConstants ?? []),
      ],
      nodes: [
        ...cast,
        node("Flatten", [from], "flat", { axis: 1n }),
        node("MatMul", ["flat", "W"], "z"),
        ...(model.tail ?? []),
      ],
    },
  });
}

export const softmaxTail: readonly OnnxNode[] = [node("Softmax", ["z"], "p", { axis: 1n })];
export const sigmoidTail: readonly OnnxNode[] = [node("Sigmoid", ["z"], "p")];
