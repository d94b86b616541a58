/**
 * @file The reference runtime: evaluates a graph in float64, one plain loop per operator. For tests
 * and derivative checks.
 */

import { type Graph, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import type { OpName } from "../../src/engine/ops/index.ts";
import {
  elementCount,
  float32FromFloat16,
  sameShape,
  showShape,
  type Tensor,
} from "../../src/engine/tensor/index.ts";
import { GraphError, ShapeError } from "../../src/errors/index.ts";
import { elementwise } from "./elementwise.ts";
import { images } from "./images.ts";
import type { Reference, ReferenceTensor } from "./loops.ts";
import { places } from "./places.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";

export type { ReferenceTensor } from "./loops.ts";

/** Of every operator: a new one does not compile until it has one. */
const references: Readonly<Record<OpName, Reference>> = {
  ...elementwise,
  ...images,
  ...places,
  ...products,
  ...reductions,
};

/** @returns a host tensor's elements as float64; integers beyond 2⁵³ lose their last bits */
export function referenceTensor(tensor: Tensor): ReferenceTensor {
  const { dtype, shape, data } = tensor;
  if (dtype === "float16") {
    const bits = Array.from(data as Uint16Array); // float16 is held as its bits
    return { shape, data: Float64Array.from(bits, float32FromFloat16) };
  }
  return { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) }; // any typed array is one
}

/**
 * Evaluates values in float64.
 *
 * @param feeds a tensor for each placeholder that the values need
 * @returns one tensor per value, in order
 * @throws GraphError "graph/missing-input" for a placeholder without feed; ShapeError
 *   "shape/mismatch" if a feed, or what a reference returns, has another shape than the graph says
 */
export function evaluateValues(
  values: readonly Value[],
  feeds: ReadonlyMap<Value, ReferenceTensor>,
): ReferenceTensor[] {
  const results = new Map<Value, ReferenceTensor>();
  for (const value of topologicalOrder(values)) {
    const result = evaluateOne(value, results, feeds);
    if (!sameShape(result.shape, value.shape) || result.data.length !== elementCount(value.shape))
      throw new ShapeError("shape/mismatch", {
        where: `reference evaluation of ${value.op}${value.name === "" ? "" : ` "${value.name}"`}`,
        rule: `the tensor must have the graph's shape ${showShape(value.shape)}`,
        got: `${showShape(result.shape)} with ${result.data.length} elements`,
        details: { expected: value.shape, shape: result.shape },
      });
    results.set(value, result);
  }
  return values.map((value) => results.get(value)!); // the order holds every root
}

function evaluateOne(
  value: Value,
  results: ReadonlyMap<Value, ReferenceTensor>,
  feeds: ReadonlyMap<Value, ReferenceTensor>,
): ReferenceTensor {
  const fed = feeds.get(value);
  if (fed !== undefined) return fed;
  if (value.op === "input")
    throw new GraphError("graph/missing-input", {
      where: "evaluateReference",
      rule: `every input needs a tensor, but "${value.name}" has none`,
      fix: "Feed it under its name",
      details: { name: value.name },
    });
  // constant() puts the tensor there
  if (value.op === "constant") return referenceTensor(value.attrs.value as Tensor);
  const inputs = value.inputs.map((operand) => results.get(operand)!); // topological order
  if (!Object.hasOwn(references, value.op))
    throw new GraphError("op/unknown", {
      where: "evaluateReference",
      rule: `no operator is named "${value.op}"`,
    });
  return references[value.op as OpName](inputs, value.attrs, value); // hasOwn has just checked the name
}

/**
 * Evaluates a graph in float64.
 *
 * @param feeds tensors by input name
 * @returns tensors by output name
 * @throws as evaluateValues
 */
export function evaluateReference(
  graph: Graph,
  feeds: Readonly<Record<string, ReferenceTensor>>,
): Record<string, ReferenceTensor> {
  const byValue = new Map<Value, ReferenceTensor>();
  for (const placeholder of graph.inputs) {
    const fed = feeds[placeholder.name];
    if (fed !== undefined) byValue.set(placeholder, fed);
  }
  const results = evaluateValues(
    graph.outputs.map(({ value }) => value),
    byValue,
  );
  return Object.fromEntries(graph.outputs.map(({ name }, index) => [name, results[index]!]));
}
