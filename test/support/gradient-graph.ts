/** @file A scalar function of named inputs with its gradients, in float64 or in ONNX Runtime. */

import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { isFloat, type Shape, type Tensor, tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, type ReferenceTensor } from "../reference/evaluate.ts";
import { runGraph } from "./run-graph.ts";

/** A tensor as golden files hold it: any numbers. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Inputs by name. `int32` ones are class indices, all others are float. */
export interface Inputs {
  readonly [name: string]: Numbers & { readonly int32?: boolean };
}

export type LossOf = (inputs: Readonly<Record<string, Value>>) => Value;

export interface LossAndGradients {
  readonly loss: number;
  /** by input name */
  readonly gradients: Readonly<Record<string, ReferenceTensor>>;
}

function lossGraph(
  build: LossOf,
  inputs: Inputs,
  wrt: readonly string[],
  dtype: "float32" | "float64",
): Graph {
  const placeholders = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, int32 }]) => [
      name,
      input(name, int32 === true ? "int32" : dtype, shape),
    ]),
  );
  const loss = build(placeholders);
  const derived = gradients(
    loss,
    wrt.map((name) => placeholders[name]!),
  );
  return {
    name: "loss",
    inputs: Object.values(placeholders),
    outputs: [
      { name: "value", value: loss },
      ...derived.map((value, i) => ({ name: `d ${wrt[i]}`, value })),
    ],
  };
}

/** @returns loss and gradients of a graph in float64, constants included */
export function lossInFloat64(
  build: LossOf,
  inputs: Inputs,
  wrt: readonly string[] = ["student"],
): LossAndGradients {
  const feeds = Object.entries(inputs).map(
    ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }] as const,
  );
  const graph = lossGraph(build, inputs, wrt, "float64");
  return collect(evaluateReference(graph, Object.fromEntries(feeds)), wrt);
}

/** @returns loss and gradients in ONNX Runtime, float32 */
export async function lossInRuntime(
  build: LossOf,
  inputs: Inputs,
  wrt: readonly string[] = ["student"],
): Promise<LossAndGradients> {
  const graph = lossGraph(build, inputs, wrt, "float32");
  const feeds = graph.inputs.map(({ name, dtype, shape }): readonly [string, Tensor] => {
    const { data } = inputs[name]!;
    return isFloat(dtype)
      ? [name, tensor("float32", shape, Float32Array.from(data))]
      : [name, tensor("int32", shape, Int32Array.from(data))];
  });
  const outputs = await runGraph(graph, Object.fromEntries(feeds));
  const plain = Object.entries(outputs).map(
    ([name, { shape, data }]) =>
      [name, { shape, data: Float64Array.from(data as Float32Array) }] as const, // all are float32
  );
  return collect(Object.fromEntries(plain), wrt);
}

function collect(
  outputs: Readonly<Record<string, ReferenceTensor>>,
  wrt: readonly string[],
): LossAndGradients {
  return {
    loss: outputs.value!.data[0]!,
    gradients: Object.fromEntries(wrt.map((name) => [name, outputs[`d ${name}`]!])),
  };
}
