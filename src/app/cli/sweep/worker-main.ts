/** @file The child process of a sweep: does the tasks that its parent sends, one at a time. */

import type { Runtime } from "../../../engine/runtime/index.ts";
import { nodeRuntime, type Provider } from "../../../engine/runtime/node.ts";
import { isDistillError } from "../../../errors/index.ts";
import type { Recipe } from "../../spec/index.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { providerOf } from "./requested-points.ts";
import { runTask } from "./run-task.ts";

let started: { readonly provider: Provider; readonly runtime: Runtime } | undefined;
let controller = new AbortController();

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

/** @returns the last task's, unless this recipe names another provider */
async function runtimeOf(recipe: Recipe): Promise<Runtime> {
  const provider = providerOf(recipe);
  if (started?.provider === provider) return started.runtime;
  await started?.runtime.close();
  started = undefined; // in case that the next does not start
  const runtime = await nodeRuntime({ provider });
  started = { provider, runtime };
  return runtime;
}

async function end(): Promise<void> {
  await started?.runtime.close();
  process.disconnect();
}

async function work({ task, root }: Extract<ToWorker, { type: "task" }>): Promise<void> {
  const { signal } = controller;
  const onProgress = (progress: Extract<FromWorker, { type: "progress" }>["progress"]): void =>
    send({ type: "progress", progress });
  try {
    const runtime = await runtimeOf(task.recipe);
    await runTask(task, { runtime, root, signal, onProgress });
    send({ type: "done" });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send(
      isDistillError(error)
        ? { type: "failed", code: error.code, message: error.message }
        : { type: "failed", code: "internal", message: text },
    );
  }
}

// The parent decides when to stop: Ctrl-C reaches the whole group of processes.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => undefined);
process.on("disconnect", () => process.exit(1)); // the parent is gone; checkpoints are there
process.on("message", (message: ToWorker) => {
  if (message.type === "stop") controller.abort();
  else if (message.type === "end") void end();
  else {
    controller = new AbortController();
    void work(message);
  }
});
send({ type: "ready" });
