/** @file Who does a sweep's tasks: child processes here, other machines later. */

import type { Task } from "./task.ts";

/** How far a training is. */
export interface TaskProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly validationAccuracy: number;
}

/**
 * Does tasks, several at a time. An implementation has to see to it that the result, and the
 * tasks' folders that a task names, are where all others find them; nothing else goes between.
 */
export interface Executor {
  /** tasks that are done at once */
  readonly slots: number;
  /**
   * Comes back when the task's result.json is in its folder. Tasks beyond the slots wait their
   * turn.
   *
   * @throws the task's own error; RunError "run/worker-ended" if whoever did it is gone;
   *   "run/interrupted" once the signal was given and what was done has been saved
   */
  readonly run: (
    task: Task,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: TaskProgress) => void;
    },
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}
