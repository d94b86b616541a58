/** @file An ONNX model as plain data. Outside this folder nobody knows protobuf. */

import type { DType, Tensor } from "../tensor/index.ts";

/** A size that is fixed, or a name that stands for any size. */
export type OnnxDim = number | string;

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: DType;
  /** undefined if the model does not state the shape */
  readonly shape: readonly OnnxDim[] | undefined;
}

/** bigint = INT, number = FLOAT, string = STRING, arrays likewise; a tensor; a sub-graph. */
export type OnnxAttribute =
  | bigint
  | number
  | string
  | readonly bigint[]
  | readonly number[]
  | readonly string[]
  | Tensor
  | OnnxGraph;

export interface OnnxNode {
  /** as its exporter called it; absent where it has no name */
  readonly name?: string;
  readonly type: string;
  /** "" is the standard operator set */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly value: Tensor;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: readonly OnnxInitializer[];
}

export interface OnnxModel {
  /** version of the standard operator set */
  readonly opset: number;
  readonly graph: OnnxGraph;
  readonly metadata: Readonly<Record<string, string>>;
}
