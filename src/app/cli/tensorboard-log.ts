/**
 * @file tensorboard/ of a run: the recipe at the top, and one folder per job with its curves, so
 * that TensorBoard lays the jobs over one another.
 *
 * The files are a function of the events in events.jsonl (and of the clock): a run that is resumed
 * writes them again from the events that stay, then goes on. So every step stands once.
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DistillEvent } from "../../distill/index.ts";
import { encodeEvent, encodeFileVersion, frameRecord, type Summary } from "../tensorboard/index.ts";
import { type AppendingFile, openAppending } from "./appending-file.ts";

export const tensorboardName = "tensorboard";

export interface TensorboardLog {
  readonly add: (event: DistillEvent) => void;
  /** flushes to the disk */
  readonly sync: () => void;
  readonly close: () => void;
}

/**
 * @param known events of an earlier start, from `cutLogs`; curves of other ones are removed
 * @param recipeText the resolved recipe, which stands as text at the top
 * @throws DataError "file/disk-full", "file/failed"
 */
export function openTensorboardLog(
  runFolder: string,
  known: readonly DistillEvent[],
  recipeText: string,
): TensorboardLog {
  const folder = join(runFolder, tensorboardName);
  rmSync(folder, { recursive: true, force: true });
  const started = wallTime();
  const open = (path: string): AppendingFile => {
    mkdirSync(path, { recursive: true });
    // the name that TensorBoard looks for: events.out.tfevents.<seconds>.<who>
    const file = openAppending(join(path, `events.out.tfevents.${Math.floor(started)}.potstill`));
    if (file.isEmpty) file.write(frameRecord(encodeFileVersion(wallTime())));
    return file;
  };
  const top = open(folder);
  writeEvent(top, 0, [{ tag: "recipe", text: `    ${recipeText.replaceAll("\n", "\n    ")}` }]);
  top.close();
  let current: { readonly job: string; readonly file: AppendingFile } | undefined;
  const fileOf = (job: string): AppendingFile => {
    if (current?.job === job) return current.file;
    current?.file.sync();
    current?.file.close();
    current = { job, file: open(join(folder, job)) };
    return current.file;
  };
  const lastSteps = new Map<string, number>();
  const add = (event: DistillEvent): void => {
    if (event.type === "steps") lastSteps.set(event.job, addSteps(fileOf(event.job), event));
    if (event.type === "epoch") {
      const { validationAccuracy, validationLoss } = event.record;
      writeEvent(fileOf(event.job), lastSteps.get(event.job) ?? 0, [
        { tag: "validation/accuracy", scalar: validationAccuracy },
        { tag: "validation/loss", scalar: validationLoss },
      ]);
    }
  };
  for (const event of known) add(event);
  return {
    add,
    sync: () => current?.file.sync(),
    close: () => {
      current?.file.sync();
      current?.file.close();
      current = undefined;
    },
  };
}

/** @returns the last of the steps */
function addSteps(file: AppendingFile, event: Extract<DistillEvent, { type: "steps" }>): number {
  const { from, metrics, learningRates } = event;
  const count = metrics.loss?.length ?? 0;
  for (let at = 0; at < count; at++)
    writeEvent(file, from + at, [
      ...Object.entries(metrics).map(([name, values]) => ({
        tag: `train/${name}`,
        scalar: values[at]!, // every metric has a value per step
      })),
      { tag: "learningRate", scalar: learningRates[at]! }, // so have the rates
    ]);
  return from + count - 1;
}

function writeEvent(file: AppendingFile, step: number, summaries: readonly Summary[]): void {
  file.write(frameRecord(encodeEvent({ wallTime: wallTime(), step, summaries })));
}

function wallTime(): number {
  return Date.now() / 1000;
}
