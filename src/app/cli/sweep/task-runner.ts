/** @file Does each task once, however many points ask for it, and never one that is done. */

import { join } from "node:path";
import { folderStore } from "../../../data/sources/index-node.ts";
import { DataError } from "../../../errors/index.ts";
import type { Executor, TaskProgress } from "./executor.ts";
import { resultName, type Task, type TaskResult } from "./task.ts";

export interface TaskWatcher {
  readonly onProgress: (task: Task, progress: TaskProgress) => void;
  /** @param isNew false where an earlier start of the sweep had done it */
  readonly onDone: (task: Task, result: TaskResult, isNew: boolean) => void;
}

export type Perform = (task: Task) => Promise<TaskResult>;

/** @param root the sweep's folder */
export function taskRunner(
  root: string,
  executor: Executor,
  signal: AbortSignal,
  watcher: TaskWatcher,
): Perform {
  const known = new Map<string, Promise<TaskResult>>();
  const perform: Perform = async (task) => {
    const found = await readTaskResult(root, task.folder);
    if (found === undefined)
      await executor.run(task, {
        signal,
        onProgress: (progress) => watcher.onProgress(task, progress),
      });
    const result = found ?? (await readTaskResult(root, task.folder));
    if (result === undefined) throw noResult(root, task);
    watcher.onDone(task, result, found === undefined);
    return result;
  };
  return (task) => {
    const running = known.get(task.folder) ?? perform(task);
    known.set(task.folder, running);
    return running;
  };
}

async function readTaskResult(root: string, folder: string): Promise<TaskResult | undefined> {
  const store = await folderStore(root);
  const bytes = await store.read(`${folder}/${resultName}`);
  if (bytes === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(bytes)) as TaskResult; // written whole, by runTask
}

function noResult(root: string, { folder }: Task): DataError {
  return new DataError("run/no-result", {
    where: join(root, folder),
    rule: `a task that is done leaves ${resultName}`,
    got: "none",
    fix: "The executor must leave results where the sweep's folder is",
  });
}
