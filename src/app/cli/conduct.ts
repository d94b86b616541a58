/**
 * @file Conducts a prepared run in its folder: events to log and display, results to files,
 * failures to the record.
 */

import type { DistillEvent, DistillResult } from "../../distill/index.ts";
import { runDistillation, writeModel } from "../../distill/index.ts";
import { isDistillError } from "../../errors/index.ts";
import type { Report } from "../report/index.ts";
import type { Recipe } from "../spec/index.ts";
import { makeDisplay } from "./display.ts";
import type { Environment } from "./environment.ts";
import { isInterruption, StartedFailure } from "./failure.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Prepared } from "./prepare.ts";
import type { RunFolder } from "./run-folder.ts";
import { eventLine, loggedEvents, openRunLog } from "./run-log.ts";
import { type RunRecord, writeRecord } from "./run-record.ts";
import { openTensorboardLog } from "./tensorboard-log.ts";
import type { Terminal } from "./terminal.ts";

export const resolvedName = "recipe.resolved.yaml";

export interface Conducted {
  readonly recipe: Recipe;
  /** the same as YAML */
  readonly recipeText: string;
  readonly prepared: Prepared;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly environment: Environment;
  /** events of an earlier start that are in the log */
  readonly known: readonly DistillEvent[];
  readonly isResumed: boolean;
  readonly terminal: Terminal;
  readonly json: boolean;
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
  const { terminal, json, prepared, folder } = run;
  const display = makeDisplay(terminal);
  const interruption = listenForInterruption(terminal, display.stop);
  const log = openRunLog(folder.path, run.known);
  const board = openTensorboardLog(folder.path, run.known, run.recipeText);
  const logged = loggedEvents(run.recipe.stepLogs);
  const events = runDistillation({
    ...prepared.options,
    store: folder.store,
    signal: interruption.signal,
    createdBy: `potstill ${run.environment.version}`,
    checkpointExtra: () => {
      log.sync();
      board.sync();
    },
  });
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
      if (value.type !== "check" && value.type !== "job-start") state.hasBegun = true;
      for (const event of logged(value)) {
        log.add(event);
        board.add(event);
      }
      if (json) terminal.print(eventLine(value));
      display.show(value);
    }
  } finally {
    display.stop();
    log.close();
    board.close();
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
  await keepTeacher(run);
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

/** Copies teachers that were trained here to the top of the folder. */
async function keepTeacher({ folder: { store } }: Conducted): Promise<void> {
  const models = (await store.list("jobs/teacher")).filter((name) =>
    /^jobs\/teacher(\/(member-\d+|generalist|specialist-\d+))?\/model\.safetensors$/.test(name),
  );
  for (const name of models) {
    const bytes = await store.read(name);
    const member = /member-\d+|generalist|specialist-\d+/.exec(name)?.[0];
    const target = member === undefined ? "teacher.safetensors" : `teacher-${member}.safetensors`;
    if (bytes !== undefined) await store.write(target, bytes);
  }
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
