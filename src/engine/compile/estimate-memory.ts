/** @file How much memory a training step takes, estimated from its graph before anything runs. */

import { type Value, valuesOf } from "../graph/index.ts";
import { definitionOf } from "../ops/index.ts";
import { dtypeBytes, elementCount } from "../tensor/index.ts";
import { type Step, stepGraph } from "./loop.ts";
import { shareCommonValues } from "./passes/share-common-values.ts";

/** An estimate in bytes. */
export interface StepBytes {
  /** parameters, optimiser slots, statistics, sums: what goes from step to step */
  readonly state: number;
  /** one step's samples, labels, soft labels and scalars; constants */
  readonly inputs: number;
  /**
   * most that the values in between take at once, the next state among them, with scratch space
   */
  readonly values: number;
  readonly total: number;
}

/**
 * What the runtime takes beside the values of the graph: derivatives of convolutions and pooling
 * unfold their operands, and memory is taken in powers of two. Peaks measured with
 * onnxruntime-node 1.30 were 1.9 times the walk for a MLP, 2.3 for ResNet-8, 3.2 for a small CNN
 * (batches of 512 to 8192).
 */
const scratch = 2;

/**
 * Walks the step's values in the order in which they are computed. A value takes memory from where
 * it is made to where it is used last; an element-wise operator writes over an operand of its size
 * that nobody else needs.
 *
 *   total = state + inputs + 2 · max over the walk of Σ bytes of the values alive
 *
 * An estimate: the runtime may choose another order, and how much scratch space it needs depends
 * on the network. Two series of measured peaks disagree: the one above lies between 0.95 and 1.6
 * times the estimate, a later one, of other networks, between 0.55 and 0.75. Slabs of several
 * steps (two sets of up to 8 MiB), the best weights, the data set and the runtime itself (about 100
 * MB) come on top, and at the end of a call about twice the largest tensor of the state, when its
 * smallest numbers are set to 0.
 *
 * @throws as stepGraph
 */
export function estimateStepBytes(step: Step): StepBytes {
  const graph = shareCommonValues(stepGraph(step));
  const order = valuesOf(graph);
  const stateNames = new Set(step.state.map(({ before }) => before.name));
  const state = sum(graph.inputs.filter(({ name }) => stateNames.has(name)));
  const fed = sum(graph.inputs.filter(({ name }) => !stateNames.has(name)));
  const inputs = fed + sum(order.filter(({ op }) => op === "constant"));
  const results = graph.outputs.map(({ value }) => value);
  const values = scratch * peakBytes(order, results);
  return { state, inputs, values, total: state + inputs + values };
}

function peakBytes(order: readonly Value[], results: readonly Value[]): number {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { inputs } of order) for (const value of new Set(inputs)) use(value);
  for (const value of results) use(value); // never freed
  let alive = 0;
  let peak = 0;
  for (const value of order.filter(isComputed)) {
    const operands = [...new Set(value.inputs)];
    const freed = operands.filter((one) => isComputed(one) && uses.get(one) === 1);
    const isReused = definitionOf(value.op).elementwise === true;
    const room = isReused ? freed.find((one) => bytesOf(one) === bytesOf(value)) : undefined;
    alive += room === undefined ? bytesOf(value) : 0;
    peak = Math.max(peak, alive);
    for (const one of operands) uses.set(one, uses.get(one)! - 1); // counted above
    for (const one of freed) if (one !== room) alive -= bytesOf(one);
  }
  return peak;
}

function isComputed({ op }: Value): boolean {
  return op !== "input" && op !== "constant";
}

function bytesOf({ dtype, shape }: Value): number {
  return dtypeBytes(dtype) * elementCount(shape);
}

function sum(values: readonly Value[]): number {
  return values.reduce((total, value) => total + bytesOf(value), 0);
}
