/** @file A plan for people: a tree of what is done, what is to do, and about how long it takes. */

import {
  type PlannedDistillation,
  type PlannedTask,
  planStates,
  type ResultStore,
  type TaskState,
  type TrainingTaskSpec,
  trainingKinds,
} from "../../distill/index.ts";
import { buildNetwork, macCount } from "../../engine/nn/index.ts";
import { showDuration } from "./event-text.ts";

/** How a plan stands. */
export interface PlanOverview {
  readonly tasks: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly state: TaskState;
    /** about, of a training that is to do; null for what is not known */
    readonly seconds: number | null;
  }[];
  readonly done: number;
  readonly toDo: number;
  /** about, of all that is to do */
  readonly seconds: number;
}

/** Multiplications a second, forward and backward, where nothing was trained here before. */
const assumedRate = 2e9;
/** A backward pass takes about twice a forward one. */
const passes = 3;

/** @returns states and estimates: seconds that trainings in the store have taken, or their MACs */
export async function planOverview(
  planned: PlannedDistillation,
  results: ResultStore,
): Promise<PlanOverview> {
  const states = await planStates(planned.plan, results);
  const rate = await measuredRate(planned, states, results);
  const tasks = Array.from(states, ([task, { state }]) => {
    const isToDo = state === "absent" || state === "damaged";
    const work = isToDo ? workOf(task, planned) : null;
    const { id, kind, name } = task;
    return { id, kind, name, state, seconds: work && work / rate };
  });
  const toDo = tasks.filter(({ state }) => state === "absent" || state === "damaged").length;
  return {
    tasks,
    done: tasks.filter(({ state }) => state === "whole").length,
    toDo,
    seconds: tasks.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
  };
}

/** @returns multiplications of a training; null for other tasks */
function workOf(task: PlannedTask, { inputs, options }: PlannedDistillation): number | null {
  if (!trainingKinds.includes(task.kind)) return null;
  const { network, train, training } = task.spec as unknown as TrainingTaskSpec; // of its kind
  const { shape, classNames, length } = inputs.get("data" in train ? train.data : train.like);
  const built = buildNetwork(network ?? options.student, shape, classNames.length);
  return passes * macCount(built) * length * training.epochs;
}

/** Of the plan's trainings that are done. */
async function measuredRate(
  planned: PlannedDistillation,
  states: ReadonlyMap<PlannedTask, { readonly state: TaskState }>,
  results: ResultStore,
): Promise<number> {
  let [work, seconds] = [0, 0];
  for (const [task, { state }] of states) {
    const own = state === "whole" ? workOf(task, planned) : null;
    const bytes = own === null ? undefined : await results.open(task.id).read("timing.json");
    if (own === null || bytes === undefined) continue;
    const epochs = JSON.parse(new TextDecoder().decode(bytes)) as readonly number[]; // of a whole result
    work += own;
    seconds += epochs.reduce((sum, each) => sum + each, 0);
  }
  return seconds === 0 ? assumedRate : work / seconds;
}

/** @returns the tree, a line a task, by the tasks' names */
export function planLines({ tasks, done, toDo, seconds }: PlanOverview): readonly string[] {
  const root = new Branch();
  for (const task of tasks) root.add(task.name.split("/"), wordsOf(task));
  const time = toDo === 0 ? "nothing is left to do" : `about ${showDuration(seconds)}`;
  return [`${done} done, ${toDo} to do, ${time}`, ...root.lines("")];
}

function wordsOf({ state, seconds }: PlanOverview["tasks"][number]): string {
  if (state === "whole") return "done";
  if (state === "unneeded") return "not needed";
  const time = seconds === null ? "" : `, about ${showDuration(seconds)}`;
  return `${state === "damaged" ? "damaged, to do again" : "to do"}${time}`;
}

class Branch {
  words: string | undefined;
  readonly #children = new Map<string, Branch>();

  add([first, ...rest]: readonly string[], words: string): void {
    if (first === undefined) {
      this.words = words;
      return;
    }
    const child = this.#children.get(first) ?? new Branch();
    this.#children.set(first, child);
    child.add(rest, words);
  }

  lines(indent: string): string[] {
    const last = this.#children.size - 1;
    return [...this.#children].flatMap(([name, child], at) => {
      const [own, below] = at === last ? ["└─", "  "] : ["├─", "│ "];
      const line = `${indent}${own} ${name}${child.words === undefined ? "" : `  ${child.words}`}`;
      return [line, ...child.lines(`${indent}${below} `)];
    });
  }
}
