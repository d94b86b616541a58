/** @file Plans of tasks: their ids, their results, and what executes them. */

export {
  type Claim,
  type ExecuteOptions,
  execute,
  type Perform,
  planStates,
  type TaskEvent,
  type TaskState,
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
export { type PlannedDistillation, planDistillation } from "./plan-distillation.ts";
export { type PlannedStudent, planPackageStudent } from "./plan-package-student.ts";
export {
  type Found,
  type ResultEntry,
  type ResultStore,
  resultStore,
  type TaskPlace,
} from "./result-store.ts";
export { canonicalJson, type Task, taskId } from "./task.ts";
export { type TrainingTaskSpec, trainedResult, trainingKinds } from "./training.ts";
export { openWorkshop } from "./workshop.ts";
