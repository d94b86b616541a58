/** @file The logs of a folder in which something is trained: events, metrics, TensorBoard. */

import type { Store } from "../../data/index.ts";
import type { DistillEvent, ResultStore } from "../../distill/index.ts";
import { loggedEvents, openRunLog } from "./run-log.ts";
import { cutLogs } from "./run-log-cut.ts";
import { openTensorboardLog } from "./tensorboard-log.ts";

export interface RunLogs {
  readonly add: (event: DistillEvent) => void;
  /** flushes to the disk: called before a checkpoint is written */
  readonly sync: () => void;
  readonly close: () => void;
}

/**
 * events.jsonl, metrics.csv and tensorboard/ in a folder. Those of an earlier start are cut back to
 * what its results and checkpoints have, and go on.
 *
 * @param store of the folder; @param results of its tasks; @param recipeText stands at the top in
 *   TensorBoard; @param stepLogs a row a step, not an epoch
 */
export async function openRunLogs(
  store: Store,
  folder: string,
  results: ResultStore,
  {
    recipeText,
    stepLogs,
  }: { readonly recipeText: string; readonly stepLogs?: boolean | undefined },
): Promise<RunLogs> {
  const known = await cutLogs(store, results);
  const log = openRunLog(folder, known);
  const board = openTensorboardLog(folder, known, recipeText);
  const logged = loggedEvents(stepLogs);
  return {
    add: (said) => {
      for (const event of logged(said)) {
        log.add(event);
        board.add(event);
      }
    },
    sync: () => {
      log.sync();
      board.sync();
    },
    close: () => {
      log.close();
      board.close();
    },
  };
}
