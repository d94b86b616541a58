/**
 * @file The distillation run: a plan of tasks, executed here, and what their results say together.
 */

import { memoryStore } from "../data/index.ts";
import type { DistillEvent } from "./events.ts";
import type { DistillOptions, DistillResult } from "./options.ts";
import { checkUnchanged } from "./self-checks/teacher.ts";
import { type Claim, execute } from "./tasks/execute.ts";
import { gatherResult } from "./tasks/gather.ts";
import { type PlannedDistillation, planDistillation } from "./tasks/plan-distillation.ts";
import { type ResultStore, resultStore } from "./tasks/result-store.ts";
import { openWorkshop, type Workshop } from "./tasks/workshop.ts";

/**
 * Distils a student from a teacher, and the same student without distillation beside it.
 *
 * Settings are chosen on the validation split; the test split is looked at once, at the end. A
 * teacher that was given stays open.
 *
 * @returns an async generator of typed events; its return value is the result
 * @throws before work starts: whatever data, networks and options refuse; later: RunError
 *   "check/J…", "run/…"
 */
export async function* runDistillation(
  given: DistillOptions,
): AsyncGenerator<DistillEvent, DistillResult> {
  const results = resultStore(given.store ?? memoryStore("memory"));
  return yield* executeDistillation(await planDistillation(given), { results });
}

/** How a plan is executed: no part of it. */
export interface ExecuteDistillationOptions
  extends Pick<DistillOptions, "signal" | "checkpointExtra"> {
  readonly results: ResultStore;
  /** for results that other processes work with too */
  readonly claim?: Claim;
}

/**
 * Makes what is missing of a plan's results, and gathers them.
 *
 * @param own signal and checkpointExtra instead of those that were planned with
 * @throws RunError "check/J…", "run/…"
 */
export async function* executeDistillation(
  planned: PlannedDistillation,
  { results, claim, ...own }: ExecuteDistillationOptions,
): AsyncGenerator<DistillEvent, DistillResult> {
  const options = { ...planned.options, ...own };
  for (const check of planned.checks) yield { type: "check", check };
  const workshop = openWorkshop(planned, options);
  try {
    const { perform } = workshop;
    const { signal } = options;
    const how = { results, perform, ...(signal && { signal }), ...(claim && { claim }) };
    yield* withSearchStart(execute(planned.plan, how), planned);
    return yield* ended(planned, workshop, results);
  } finally {
    await workshop.close();
  }
}

/** J2, when all training is over, and the result. */
async function* ended(
  planned: PlannedDistillation,
  { teachers }: Workshop,
  results: ResultStore,
): AsyncGenerator<DistillEvent, DistillResult> {
  const opened = await teachers.all();
  const unchanged =
    [...opened].map(checkUnchanged).at(-1) ??
    checkUnchanged(
      planned.options.teacher.kind === "given" ? planned.options.teacher.teacher : null,
    );
  yield { type: "check", check: unchanged };
  const result = await gatherResult(planned, results, unchanged);
  yield { type: "check", check: result.checks.at(-1)! }; // J8
  return result;
}

/** A search says what takes part before its first trial. */
async function* withSearchStart(
  events: AsyncGenerator<DistillEvent, void>,
  { run: { search }, options }: PlannedDistillation,
): AsyncGenerator<DistillEvent, void> {
  let isSaid = search === undefined || options.search === undefined;
  for await (const event of events) {
    if (!isSaid && event.type === "task" && event.name.startsWith("search/")) {
      isSaid = true;
      const board = options.search!.budget.name; // asked for, see above
      yield { type: "search-start", board, ...search! };
    }
    yield event;
  }
}
