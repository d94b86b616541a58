/**
 * @file What a runtime needs that lacks operators: other forms, and random numbers from the host.
 * One graph, run once or a few times.
 */

import {
  compileGraph,
  type FormChoice,
  type HoistedRandom,
  hoistRandom,
} from "../compile/index.ts";
import type { Graph } from "../graph/index.ts";
import { hashUniformValues } from "../ops/index.ts";
import { loadOrName, type Runtime, type Session, type SessionOptions } from "../runtime/index.ts";
import { type Tensor, zeros } from "../tensor/index.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** Forms that WebGPU has kernels for. */
export const webgpuForms: FormChoice = { logSoftmax: "parts" };

/** The random tensors of a step, which the provider cannot work out itself. */
export function randomOf(hoisted: readonly HoistedRandom[], inputs: Tensors): Tensors {
  return Object.fromEntries(
    hoisted.map(({ name, seed, stream, shape }) => {
      const random = zeros("float32", shape);
      hashUniformValues(Number(inputs[seed]!.data[0]), stream, random.data); // the seed is fed
      return [name, random];
    }),
  );
}

/**
 * Loads a graph in the forms that the runtime has kernels for.
 *
 * @throws BackendError "backend/operator" naming what the runtime lacks
 */
export function loadGraph(
  runtime: Runtime,
  graph: Graph,
  options: SessionOptions = {},
): Promise<Session> {
  const forms = runtime.kernels === "all" ? {} : webgpuForms;
  return loadOrName(runtime, graph, forms, () =>
    runtime.load(compileGraph(graph, { forms }), options),
  );
}

/**
 * Runs a graph once for each set of feeds, on whatever kernels the runtime has.
 *
 * @returns the outputs of each run
 * @throws BackendError "backend/operator" naming what the runtime lacks, "backend/run"
 */
export async function runOnAnyKernels(
  runtime: Runtime,
  graph: Graph,
  feeds: readonly Tensors[],
): Promise<readonly Tensors[]> {
  const hasAll = runtime.kernels === "all";
  const { graph: own, hoisted } = hasAll ? { graph, hoisted: [] } : hoistRandom(graph);
  const session = await loadGraph(runtime, own);
  const used = new Set(session.inputNames);
  const results: Tensors[] = [];
  for (const fed of feeds) {
    const all = Object.entries({ ...fed, ...randomOf(hoisted, fed) });
    const taken = Object.fromEntries(all.filter(([name]) => used.has(name)));
    results.push((await session.run(taken)).outputs);
  }
  await session.dispose();
  return results;
}
