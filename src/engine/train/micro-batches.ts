/**
 * @file Gradient accumulation: one optimiser step's batch in several micro-batches, their
 * gradients summed in the step's state.
 *
 *   micro-batch m of n:  sum ← sum + g_m
 *   and after the last:  w ← update(w, sum);  sum ← 0
 *
 * The graph is one micro-batch; a scalar input says which is the last. Every choice is a Where,
 * so a value that is not chosen leaves no trace, not even a rounding.
 */

import type { StateSlot, Step } from "../compile/index.ts";
import { type GraphOutput, input, type Value } from "../graph/index.ts";
import { add, where } from "../ops/index.ts";
import { elementCount, mixKey, type Tensor, type TypedArray } from "../tensor/index.ts";
import type { Slabs } from "./feed.ts";

/** Name of the per-step input, bool [], that is true at the last micro-batch of a step. */
export const applyInput = "applyUpdate";

/** State name of a running sum. */
function sumName(name: string): string {
  return `sum:${name}`;
}

/** Running sums over the micro-batches of a step. */
interface Accumulation {
  /** bool [] */
  readonly apply: Value;
  /** @returns the sum over the step's micro-batches so far, `value` included; its state is kept */
  readonly summed: (name: string, value: Value) => Value;
  /** @returns the slots, which change at the last micro-batch alone */
  readonly held: (slots: readonly StateSlot[]) => readonly StateSlot[];
  /** @returns the state of everything that was summed */
  readonly state: () => readonly StateSlot[];
}

export function accumulation(): Accumulation {
  const apply = input(applyInput, "bool", []);
  const sums: StateSlot[] = [];
  return {
    apply,
    summed: (name, value) => {
      const before = input(sumName(name), "float32", value.shape);
      const sum = add(before, value);
      sums.push({ before, after: where(apply, 0, sum) });
      return sum;
    },
    held: (slots) =>
      slots.map(({ before, after }) => ({ before, after: where(apply, after, before) })),
    state: () => sums,
  };
}

/** @returns metrics that at the last micro-batch are those of the whole batch */
export function summedMetrics(
  metrics: readonly GraphOutput[],
  { summed }: Accumulation,
): readonly GraphOutput[] {
  return metrics.map(({ name, value }) => ({ name, value: summed(`metric ${name}`, value) }));
}

/**
 * Cuts the inputs of optimiser steps into those of micro-batches. A batch tensor [steps, batch,
 * …] is already [steps · n, batch / n, …]; a scalar is repeated; each micro-batch has a seed of
 * its own.
 *
 * @param slabs of `count` optimiser steps
 * @returns slabs of count · n iterations
 */
export function microSlabs(step: Step, slabs: Slabs, count: number, seedName: string): Slabs {
  const n = step.microBatches ?? 1;
  if (n === 1) return slabs;
  const cut = step.perStep
    .filter(({ name }) => name !== applyInput)
    .map((value) => [value.name, microSlab(value, slabs[value.name]!, count * n, n)] as const); // the feed has every input
  const named: Record<string, Tensor> = Object.fromEntries(cut);
  const seeds = named[seedName]!.data as Uint32Array; // declared uint32
  for (const [row, seed] of seeds.entries())
    if (row % n > 0) seeds[row] = mixKey(seed, "micro-batch", row % n);
  const apply = Uint8Array.from({ length: count * n }, (_, row) => (row % n === n - 1 ? 1 : 0));
  return { ...named, [applyInput]: { dtype: "bool", shape: [count * n], data: apply } };
}

function microSlab(value: Value, { dtype, data }: Tensor, rows: number, n: number): Tensor {
  const shape = [rows, ...value.shape];
  const isBatch = data.length === elementCount(shape);
  // same dtype, so the same kind of array
  return { dtype, shape, data: isBatch ? data : repeated(data, n) } as Tensor;
}

/** @returns each element n times */
function repeated(data: TypedArray, n: number): TypedArray {
  const copies = data.slice(0, 0).constructor as new (length: number) => Uint8Array; // any typed array takes a length
  const result = new copies(data.length * n);
  for (let at = 0; at < data.length; at++)
    result.fill((data as Uint8Array)[at]!, at * n, (at + 1) * n); // elements keep their own type
  return result;
}
