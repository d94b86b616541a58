/** @file The logs of potstill train: the files that a run folder has, of one training. */

import type { Store } from "../../data/index.ts";
import type { TrainEvent } from "../../engine/train/index.ts";
import { loggedEvents, openRunLog, type RunLog } from "./run-log.ts";
import { cutLogs } from "./run-log-cut.ts";
import { openTensorboardLog, type TensorboardLog } from "./tensorboard-log.ts";

export interface TrainLog {
  /** opens the files with the first event: what is refused before leaves none */
  readonly add: (event: TrainEvent) => Promise<void>;
  /** flushes to the disk: called before a checkpoint is written */
  readonly sync: () => void;
  readonly close: () => void;
}

/** What the curves are called in TensorBoard: a job's own name is a hash. */
export const boardJob = "student";

/**
 * events.jsonl, metrics.csv and tensorboard/ in a folder. Those of an interrupted training are cut
 * back to its checkpoint and go on.
 *
 * @param store of the folder; @param recipeText stands at the top in TensorBoard
 * @param stepLogs every step; default one an epoch
 */
export function trainLog({
  folder,
  store,
  job,
  recipeText,
  stepLogs,
}: {
  readonly folder: string;
  readonly store: Store;
  readonly job: string;
  readonly recipeText: string;
  readonly stepLogs?: boolean | undefined;
}): TrainLog {
  const logged = loggedEvents(stepLogs);
  let files: { readonly log: RunLog; readonly board: TensorboardLog } | undefined;
  const open = async (): Promise<NonNullable<typeof files>> => {
    const known = await cutLogs(store);
    const own = known.flatMap((event) =>
      "job" in event && event.job === job ? [{ ...event, job: boardJob }] : [],
    );
    return { log: openRunLog(folder, known), board: openTensorboardLog(folder, own, recipeText) };
  };
  return {
    add: async (event) => {
      files ??= await open();
      for (const each of logged(event)) {
        files.log.add(each);
        files.board.add({ ...each, job: boardJob });
      }
    },
    sync: () => {
      files?.log.sync();
      files?.board.sync();
    },
    close: () => {
      files?.log.close();
      files?.board.close();
    },
  };
}
