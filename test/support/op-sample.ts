/**
 * @file One sample of an operator as graphs: its value, and a scalar loss with the gradients of its
 * float inputs.
 */

import { gradients } from "../../src/engine/autodiff/index.ts";
import {
  constant,
  type Graph,
  input,
  topologicalOrder,
  type Value,
} from "../../src/engine/graph/index.ts";
import { definitionOf, mul, reduceSum } from "../../src/engine/ops/index.ts";
import { isFloat, type Shape, type Tensor, tensor } from "../../src/engine/tensor/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { type OpCases, type OpSample, uniform } from "./op-cases.ts";

export interface SampleGraph {
  readonly placeholders: readonly Value[];
  readonly output: Value;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** @returns the sample with a placeholder for each input */
export function sampleGraph({ call }: OpCases, { inputs, build = call }: OpSample): SampleGraph {
  const placeholders = inputs.map(({ dtype, shape }, i) => input(`input${i}`, dtype, shape));
  const feeds = Object.fromEntries(inputs.map((value, i) => [`input${i}`, value]));
  return { placeholders, output: build(...placeholders), feeds };
}

/**
 * @returns whether test/browser runs the sample: onnxruntime-web has float64 kernels for few
 *   operators; nothing in training or inference needs them
 */
export function runsInBrowser(cases: OpCases, sample: OpSample): boolean {
  const order = topologicalOrder([sampleGraph(cases, sample).output]);
  return sample.noRuntime === undefined && order.every(({ dtype }) => dtype !== "float64");
}

/** @returns whether the sample has a gradient to check */
export function hasGradient(sample: OpSample, { output, placeholders }: SampleGraph): boolean {
  return (
    sample.noGradientCheck === undefined &&
    typeof definitionOf(output.op).vjp === "function" &&
    isFloat(output.dtype) &&
    placeholders.some(({ dtype }) => isFloat(dtype))
  );
}

/**
 * @returns the fixed cotangent that every gradient check of this shape uses; no element is near
 *   zero
 */
export function cotangentOf(shape: Shape): Tensor<"float32"> {
  return uniform(shape, 0.5, 1.5, 77);
}

/** Positions of the inputs that get a gradient. */
export function floatPositions(placeholders: readonly Value[]): readonly number[] {
  return placeholders.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []));
}

/** @returns loss = Σ output · cotangent, and its gradients for the float inputs */
export function gradientGraph({ output, placeholders }: SampleGraph): {
  readonly loss: Value;
  readonly wrt: readonly Value[];
  readonly gradients: readonly Value[];
} {
  const fixed = cotangentOf(output.shape);
  const weights =
    output.dtype === "float64"
      ? tensor("float64", output.shape, Float64Array.from(fixed.data))
      : fixed;
  const loss = reduceSum(mul(output, constant(weights)));
  const wrt = floatPositions(placeholders).map((i) => placeholders[i]!);
  return { loss, wrt, gradients: gradients(loss, wrt) };
}

/** @returns the values in float64 on the sample's inputs */
export function evaluateSample(
  values: readonly Value[],
  { placeholders, feeds }: SampleGraph,
): ReturnType<typeof evaluateValues> {
  const fed = new Map(placeholders.map((value) => [value, referenceTensor(feeds[value.name]!)]));
  return evaluateValues(values, fed);
}

/** @returns a graph of these values, outputs named output0, output1, … */
export function graphOf(sample: SampleGraph, values: readonly Value[]): Graph {
  const outputs = values.map((value, i) => ({ name: `output${i}`, value }));
  return { name: "sample", inputs: sample.placeholders, outputs };
}
