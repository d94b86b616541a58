/** @file Runs a graph once in ONNX Runtime, in this thread. */

import { type CompileOptions, compileGraph } from "../../src/engine/compile/compile-graph.ts";
import type { Graph } from "../../src/engine/graph/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import type { Tensor } from "../../src/engine/tensor/index.ts";

let runtime: Promise<Runtime> | undefined;

/** @returns the outputs by name; `threads` for one operator, default 1 */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  { threads = 1, ...options }: CompileOptions & { readonly threads?: number } = {},
): Promise<Readonly<Record<string, Tensor>>> {
  runtime ??= nodeRuntime({ worker: false });
  const session = await (await runtime).load(compileGraph(graph, options), { threads });
  const { outputs } = await session.run(feeds);
  await session.dispose();
  return outputs;
}
