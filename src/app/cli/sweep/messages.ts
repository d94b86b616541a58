/** @file What a sweep and its child processes say to each other. */

import type { TaskProgress } from "./executor.ts";
import type { Task } from "./task.ts";

export type ToWorker =
  | { readonly type: "task"; readonly root: string; readonly task: Task }
  /** save and stop */
  | { readonly type: "stop" }
  /** there is nothing more to do */
  | { readonly type: "end" };

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: TaskProgress }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
