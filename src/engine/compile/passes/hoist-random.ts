/**
 * @file Pass: random numbers become inputs, for providers without bit operators. The host works out
 * the same numbers, bit for bit, and feeds them.
 *
 * Its gain: a step with dropout runs on WebGPU at all, which has no kernels for hashUniform. The
 * host takes 11 ns an element for it, 1.7 ms for a layer of 1200 units at a batch of
 * 128, so runtimes that have the operators keep them.
 */

import { type Graph, input, rewriteGraph, type Value } from "../../graph/index.ts";
import type { Shape } from "../../tensor/index.ts";

/** A random tensor that must be fed. */
export interface HoistedRandom {
  /** of the new input: float32 of `shape` */
  readonly name: string;
  /** name of the input that held the seed */
  readonly seed: string;
  readonly stream: number;
  readonly shape: Shape;
}

/** @returns the graph without hashUniform, and what to feed in its place */
export function hoistRandom(graph: Graph): {
  readonly graph: Graph;
  readonly hoisted: readonly HoistedRandom[];
} {
  const hoisted: HoistedRandom[] = [];
  const added: Value[] = [];
  const rewritten = rewriteGraph(graph, (now, value) => {
    const [seed] = value.inputs;
    if (value.op !== "hashUniform" || seed?.op !== "input") return now;
    const fed = input(`random ${hoisted.length}`, "float32", value.shape);
    const stream = value.attrs.stream as number; // as the operator puts it there
    hoisted.push({ name: fed.name, seed: seed.name, stream, shape: value.shape });
    added.push(fed);
    return fed;
  });
  return { graph: { ...rewritten, inputs: [...graph.inputs, ...added] }, hoisted };
}
