/** @file Plans of tasks: their ids, their results, and what executes them. */

export {
  type ExecuteOptions,
  execute,
  type Perform,
  type TaskEvent,
  type TaskWork,
} from "./execute.ts";
export {
  buildPlan,
  mergePlans,
  type Plan,
  type PlanBuilder,
  type PlannedTask,
  readPlan,
  writePlan,
} from "./plan.ts";
export {
  type Found,
  type ResultEntry,
  type ResultFiles,
  type ResultStore,
  resultStore,
  type TaskPlace,
} from "./result-store.ts";
export { canonicalJson, type Json, type Task, taskId } from "./task.ts";
