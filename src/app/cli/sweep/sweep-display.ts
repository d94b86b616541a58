/** @file What a sweep says while it works: a line for each training that ends. */

import { showPercent } from "../event-text.ts";
import type { Terminal } from "../terminal.ts";
import type { PreparedSweep, SweepContext } from "./conduct-sweep.ts";
import type { Task, TaskResult } from "./task.ts";

/** Lines on stderr, or events on stdout. */
export function sweepWatcher(
  { plans }: PreparedSweep,
  terminal: Terminal,
  json: boolean,
): Pick<SweepContext, "watcher" | "onRung"> {
  const event = (fields: object): void => {
    if (json) terminal.print(JSON.stringify(fields));
  };
  let found = 0;
  return {
    watcher: {
      onProgress: ({ folder, kind }, progress) =>
        event({ type: "task-epoch", task: folder, kind, ...progress }),
      onDone: (task, result, isNew) => {
        event({ type: "task-done", task: task.folder, kind: task.kind, isNew });
        if (isNew) terminal.say(doneLine(task, result));
        else if (++found === 1) terminal.say("what was finished before is not done again");
      },
    },
    onRung: (points, epochs) => {
      event({ type: "rung", points, epochs });
      terminal.say(`rung  ${points} of ${plans.length} points for ${epochs} epochs`);
    },
  };
}

function doneLine(task: Task, result: TaskResult): string {
  if (task.kind === "teacher") return "teacher  trained";
  if (task.kind === "labels") return "soft labels  written";
  if (task.kind === "weights") return "members' weights  chosen on validation";
  const { recipe, seed, labels } = task;
  const { student, distillation } = recipe;
  const arm = labels === null ? "scratch" : `T=${JSON.stringify(distillation?.temperature)}`;
  const title = `${arm}  ${JSON.stringify(student)}  seed ${seed}`;
  if (result.kind !== "student") return `${title}  failed: ${describeFailure(result)}`;
  const hits = result.correct.replaceAll("0", "").length;
  return `${title}  validation ${showPercent(hits / result.correct.length)}  ${result.seconds.toFixed(1)} s`;
}

function describeFailure(result: TaskResult): string {
  return result.kind === "failed" ? result.code : "no result";
}
