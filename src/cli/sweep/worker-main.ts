/** @file The child process of a sweep: does the tasks that its parent sends, one at a time. */

import { isDistillError } from "../../errors/index.ts";
import { nodeRuntime } from "../../runtime/node.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { runTask } from "./run-task.ts";

const runtime = await nodeRuntime();
let controller = new AbortController();

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

async function work(message: Extract<ToWorker, { type: "task" }>): Promise<void> {
  const { signal } = controller;
  const onProgress = (progress: Extract<FromWorker, { type: "progress" }>["progress"]): void =>
    send({ type: "progress", progress });
  try {
    await runTask(message.task, { runtime, root: message.root, signal, onProgress });
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
  else if (message.type === "end") void runtime.close().then(() => process.disconnect());
  else {
    controller = new AbortController();
    void work(message);
  }
});
send({ type: "ready" });
