/** @file An executor of child processes on this machine: one a slot, kept for many tasks. */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BackendError, ConfigError, DataError, RunError } from "../../../errors/index.ts";
import type { Executor, TaskProgress } from "./executor.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { Task } from "./task.ts";

const program = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** @param root the sweep's folder; @param slots processes at once */
export function localExecutor(root: string, slots: number): Executor {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<void>>();
  let busy = 0;
  const take = async (): Promise<ChildProcess> => {
    if (busy >= slots) await new Promise<void>((free) => waiting.push(free));
    busy += 1;
    const child = idle.pop();
    if (child?.connected) return child;
    const made = fork(program, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    all.add(made);
    made.once("exit", () => all.delete(made));
    return made;
  };
  const give = (child: ChildProcess): void => {
    busy -= 1;
    if (child.connected) idle.push(child);
    waiting.shift()?.();
  };
  return {
    slots,
    run: async (task, { signal, onProgress }) => {
      if (signal.aborted) throw stopped();
      const child = await take();
      try {
        if (signal.aborted) throw stopped();
        const asked = askOne(child, { type: "task", root, task }, { signal, onProgress });
        running.add(asked);
        await asked.finally(() => running.delete(asked));
      } finally {
        give(child);
      }
    },
    close: async () => {
      await Promise.allSettled(running); // what was stopped is being saved
      await Promise.all([...all].map((child) => ended(child)));
    },
  };
}

/** Sends one task and waits for what becomes of it. */
function askOne(
  child: ChildProcess,
  message: Extract<ToWorker, { type: "task" }>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: TaskProgress) => void },
): Promise<void> {
  return new Promise((done, fail) => {
    const stop = (): void => void child.send({ type: "stop" } satisfies ToWorker);
    const settle = (error?: unknown): void => {
      child.off("message", listen);
      child.off("exit", gone);
      signal.removeEventListener("abort", stop);
      if (error === undefined) done();
      else fail(error);
    };
    const listen = (answer: FromWorker): void => {
      if (answer.type === "progress") onProgress(answer.progress);
      if (answer.type === "done") settle();
      if (answer.type === "failed") settle(taskError(answer, message.task));
    };
    const gone = (code: number | null, by: string | null): void =>
      settle(workerEnded(message.task, by ?? String(code)));
    child.on("message", listen);
    child.on("exit", gone);
    signal.addEventListener("abort", stop);
    child.send(message);
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      done();
      return;
    }
    child.once("exit", () => done());
    if (child.connected) child.send({ type: "end" } satisfies ToWorker);
  });
}

/** The child's error under its own code, with its whole sentence. */
function taskError({ code, message }: Extract<FromWorker, { type: "failed" }>, task: Task): Error {
  if (code === "internal") return new Error(`${task.folder}: ${message}`);
  const rule = message.replace(/\.$/, "");
  const facts = { where: task.folder, rule };
  if (code.startsWith("run/") || code.startsWith("check/")) return new RunError(code, facts);
  if (code.startsWith("backend/")) return new BackendError(code, facts);
  return code.startsWith("config/") ? new ConfigError(code, facts) : new DataError(code, facts);
}

function workerEnded(task: Task, how: string): RunError {
  return new RunError("run/worker-ended", {
    where: task.folder,
    rule: "a process that trains must live until it has answered",
    got: `its end (${how}): often too little memory for so many at once`,
    fix: "Go on with --resume, with fewer --jobs",
    details: { how },
  });
}

function stopped(): RunError {
  return new RunError("run/interrupted", {
    where: "sweep",
    rule: "the sweep was asked to stop",
    fix: "Go on with --resume",
  });
}
