/**
 * @file Conducts a planned run in its folder: events to log and display, results to files, failures
 * to the record. What tasks make lies in the store; the folder holds what a person wants to keep.
 */

import {
  type DistillResult,
  executeDistillation,
  type PlannedDistillation,
  writeModel,
  writePlan,
} from "../../distill/index.ts";
import { isDistillError } from "../../errors/index.ts";
import type { Report } from "../report/index.ts";
import type { Recipe } from "../spec/index.ts";
import { makeDisplay } from "./display.ts";
import type { Environment } from "./environment.ts";
import { isInterruption, StartedFailure } from "./failure.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Prepared } from "./prepare.ts";
import type { RunFolder } from "./run-folder.ts";
import { eventLine } from "./run-log.ts";
import { openRunLogs, type RunLogs } from "./run-logs.ts";
import { type RunRecord, writeRecord } from "./run-record.ts";
import type { StoreFolder } from "./store-folder.ts";
import type { Terminal } from "./terminal.ts";

export const resolvedName = "recipe.resolved.yaml";
/** The tasks of the run, whose results are in the store. */
export const planName = "plan.json";

export interface Conducted {
  readonly recipe: Recipe;
  /** the same as YAML */
  readonly recipeText: string;
  readonly prepared: Prepared;
  readonly planned: PlannedDistillation;
  readonly folder: RunFolder;
  /** where the results of tasks are, and those of earlier runs */
  readonly store: StoreFolder;
  readonly record: RunRecord;
  readonly environment: Environment;
  readonly isResumed: boolean;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** show little while it works */
  readonly isBrief?: boolean;
}

/**
 * @returns the written report
 * @throws StartedFailure once training or labelling had begun, with the record saying why; before
 *   that the error itself,
 *   with a new folder removed
 */
export async function conduct(run: Conducted): Promise<Report> {
  const { folder, record } = run;
  const state = { hasBegun: run.isResumed };
  try {
    await folder.store.write(resolvedName, new TextEncoder().encode(run.recipeText));
    await writeRecord(folder.store, record);
    const result = await distil(run, state);
    const report = await writeResults(run, result);
    await writeRecord(folder.store, { ...record, status: "done", ended: now() });
    return report;
  } catch (error) {
    if (!state.hasBegun) {
      await run.store.discard(); // it may lie beside the folder, in one that was made for both
      await folder.discard();
      throw error;
    }
    await recordFailure(run, error);
    throw new StartedFailure(error);
  }
}

/**
 * Runs the distillation to its end; every event is in the log before the next step is asked for.
 */
async function distil(run: Conducted, state: { hasBegun: boolean }): Promise<DistillResult> {
  const { terminal, json, planned, folder, store } = run;
  const display = makeDisplay(terminal, run.isBrief);
  const interruption = listenForInterruption(terminal, display.stop);
  let log: RunLogs | undefined;
  try {
    await folder.store.write(planName, new TextEncoder().encode(writePlan(planned.plan)));
    log = await openRunLogs(folder.store, folder.path, store.results, {
      ...{ recipeText: run.recipeText, stepLogs: run.recipe.stepLogs },
    });
    const events = executeDistillation(planned, {
      ...{ results: store.results, claim: store.claim, signal: interruption.signal },
      checkpointExtra: () => log?.sync(),
    });
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
      if (!["check", "job-start", "task"].includes(value.type)) state.hasBegun = true;
      log.add(value);
      if (json) terminal.print(eventLine(value));
      display.show(value);
    }
  } finally {
    display.stop();
    log?.close();
    interruption.release();
  }
}

const studentFile = "exports/student.onnx";

async function writeResults(run: Conducted, result: DistillResult): Promise<Report> {
  const { folder, recipe, prepared, environment, record } = run;
  const { store } = folder;
  const { student } = result;
  await store.write(studentFile, student.bytes);
  const shipped = result.arms.find(({ arm }) => arm === "distilled") ?? result.arms[0]!; // at least one arm
  const best = shipped.runs.find(({ seed }) => seed === student.seed)!; // exported from these runs
  await store.write("student.safetensors", writeModel(best.job.model));
  for (const { name, model } of result.teacherModels)
    await store.write(`${name.replace("/", "-")}.safetensors`, writeModel(model));
  const { reportInput, writeReport } = await import("../report/index.ts"); // with its charts
  const input = await reportInput(result, {
    title: recipe.description?.trim().split("\n")[0] ?? recipe.name,
    createdBy: environment,
    recipe: JSON.parse(JSON.stringify(recipe)), // plain data, as it came from YAML
    commandLine: record.commandLine,
    dataName: prepared.name,
    dataHash: prepared.hash,
    parts: { ...prepared.options.data, train: result.train },
    studentFile,
  });
  return writeReport(store, input);
}

async function recordFailure({ folder, record }: Conducted, error: unknown): Promise<void> {
  const code = isDistillError(error) ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  const status = isInterruption(error) ? "interrupted" : "failed";
  await writeRecord(folder.store, {
    ...record,
    status,
    ended: now(),
    error: { code, message },
  }).catch(() => undefined); // on a full disk; the error itself is the one to tell
}

/** @returns the time as ISO 8601 */
export function now(): string {
  return new Date().toISOString();
}
