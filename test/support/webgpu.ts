/** @file Node's WebGPU runtime, or why this machine has none. */

import { compileGraph } from "../../src/engine/compile/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { relu } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { float32 } from "../../src/engine/tensor/index.ts";

/** What Dawn says where there is neither a GPU nor Mesa's software adapter. */
const noAdapter = /Failed to get a WebGPU adapter: .*/;

/**
 * @returns the runtime after it has run a model, or the reason why no adapter can be had, which
 *   goes to stderr too: a run that skips says so. Everything else that goes wrong is thrown
 */
export async function webGpuRuntime(): Promise<Runtime | string> {
  const runtime = await nodeRuntime({ worker: false, provider: "webgpu" });
  const x = input("x", "float32", [2]);
  const graph = { name: "probe", inputs: [x], outputs: [{ name: "y", value: relu(x) }] };
  try {
    const session = await runtime.load(compileGraph(graph));
    await session.run({ x: float32([2], [1, -1]) });
    await session.dispose();
    return runtime;
  } catch (error) {
    const [reason] = noAdapter.exec(String(error)) ?? [];
    if (reason === undefined) throw error;
    process.stderr.write(`WebGPU: tests are skipped. ${reason}\n`);
    return reason;
  }
}
