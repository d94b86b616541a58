export { type AdamOptions, adam, adamW } from "./adam.ts";
export { clipByGlobalNorm, globalNorm, maxNorm } from "./constraints.ts";
export type { Optimizer, UpdateInput } from "./optimizer.ts";
export { buildOptimizer, type OptimizerSpec, optimizers } from "./registry.ts";
export { type Schedule, type ScheduleSpec, schedule } from "./schedules.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
