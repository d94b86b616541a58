/** @file What a Distiller is given, for callers without types: teacher, losses, data. */

import { ConfigError } from "../errors/index.ts";
import type { Teacher } from "./teachers/teacher.ts";

/** For callers without types: a network to train is easily given where a teacher is asked for. */
export function assertTeacherChoice(choice: unknown): void {
  if (typeof choice === "function") return;
  const given = isObject(choice) ? choice : {};
  const isToTrain = "train" in given;
  const missing = isToTrain ? [] : missingOfTeacher(given);
  if (isToTrain ? isTrainable(given.train) : missing.length === 0) return;
  const lacks = typeof given.logits === "function" ? `, without ${missing.join(", ")}` : "";
  throw new ConfigError("config/type", {
    where: "Distiller",
    rule: "teacher must be a teacher, a function that opens one, { train: ... }, or in Node a file",
    got: isToTrain ? `train: ${shown(given.train)}` : `${shown(choice)}${lacks}`,
    fix: 'Name a file: teacher: "teacher.onnx", or what to train: teacher: { train: { network, training } }',
  });
}

/** A name, or a function of the logits, belongs into LogitsDistillation. */
export function assertLosses(losses: unknown): void {
  for (const loss of [losses ?? []].flat()) {
    if (isObject(loss) && isObject(loss.spec)) continue;
    throw new ConfigError("config/type", {
      where: "Distiller, distillationLoss",
      rule: "a loss is made by LogitsDistillation, FeatureDistillation or AdversarialDistillation",
      got: typeof loss === "function" ? "a function" : shown(loss),
      fix: "Write LogitsDistillation({ loss: … })",
    });
  }
}

/** @throws ConfigError "config/type" */
export function assertData(data: unknown): void {
  const isDataset = (value: unknown): boolean =>
    isObject(value) && typeof value.gather === "function";
  const given = isObject(data) ? data : {};
  const parts = [given.validation, given.test].filter(
    (part) => part !== undefined && part !== null,
  );
  if (isDataset(data) || [given.train, ...parts].every(isDataset)) return;
  throw new ConfigError("config/type", {
    where: "Distiller, data",
    rule: "there must be a data set, or { train } with perhaps { validation, test }, each a data set",
    got: data instanceof Promise ? "a promise: await it" : shown(data),
    fix: 'Load it: await loadData({ source: "csv", file: "data.csv" })',
  });
}

/** What a function opened is asked as it is. @throws ConfigError "config/type" */
export function assertOpened(teacher: unknown): void {
  const missing = missingOfTeacher(isObject(teacher) ? teacher : {});
  if (missing.length === 0) return;
  throw new ConfigError("config/type", {
    where: "Distiller, teacher",
    rule: "a function that opens a teacher must give one",
    got: `${shown(teacher)}, without ${missing.join(", ")}`,
    fix: "Return what networkTeacher, onnxTeacher or functionTeacher gives",
  });
}

function missingOfTeacher(given: Readonly<Record<string, unknown>>): readonly string[] {
  const methods = ["logits", "currentHash", "close"] as const satisfies readonly (keyof Teacher)[];
  const missing: string[] = methods.filter((name) => typeof given[name] !== "function");
  if (!Array.isArray(given.members)) missing.push("members");
  if (!isObject(given.workload)) missing.push("workload");
  return missing;
}

function isTrainable(train: unknown): boolean {
  return isObject(train) && isObject(train.network) && isObject(train.training);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  const keys = isObject(value) ? Object.keys(value).join(", ") : "";
  return keys === "" ? String(value) : `an object with ${keys}`;
}
