/** @file Starts and resumes runs: recipe → prepared data and teacher → run folder → conduct. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { stringify } from "yaml";
import type { Store } from "../../data/index.ts";
import { folderStore } from "../../data/sources/index-node.ts";
import {
  givenStartHash,
  type PlannedDistillation,
  planDistillation,
  trainingWords,
} from "../../distill/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime, type Provider } from "../../engine/runtime/node.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import type { Report } from "../report/index.ts";
import {
  type PlaceOf,
  parseRecipe,
  type Recipe,
  recipePlaces,
  resolveRecipe,
} from "../spec/index.ts";
import type { ExitCode } from "./command.ts";
import { type Conducted, conduct, now, resolvedName } from "./conduct.ts";
import { type Environment, environment } from "./environment.ts";
import { exitCodeOf, mayEndWell, StartedFailure, sayFailure } from "./failure.ts";
import { lockFolder } from "./folder-lock.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { readReport } from "./read-report.ts";
import { createRunFolder } from "./run-folder.ts";
import { assertSameIdentity, type RunIdentity, type RunRecord, readRecord } from "./run-record.ts";
import { defaultStore, openStoreFolder } from "./store-folder.ts";
import type { Terminal } from "./terminal.ts";

export interface RunRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** show little while it works */
  readonly isBrief?: boolean;
  readonly commandLine: string;
  /** report.json is copied there at the end */
  readonly jsonReport: string | undefined;
  /** where results of tasks lie; default beside the run folders */
  readonly storePath?: string | undefined;
  /** where the recipe's values stand; default: their names alone */
  readonly placeOf?: PlaceOf;
}

/** A run that ended well. */
export interface FinishedRun {
  readonly path: string;
  readonly report: Report;
}

/**
 * Starts a new run of a recipe below `root`. @throws StartedFailure, or what was refused before
 * anything was written
 */
export async function startRun(
  recipe: Recipe,
  root: string,
  request: RunRequest,
): Promise<FinishedRun> {
  assertReportTarget(request.jsonReport);
  const resolved = resolveRecipe(recipe);
  return withRuntime(async (runtime) => {
    const prepared = await prepare(runtime, resolved, request.placeOf);
    const here = environment(runtime, resolved.threads ?? 1);
    const planned = await plannedRun(prepared, here);
    const text = stringify(resolved);
    const folder = await createRunFolder(root, resolved.name);
    const store = await openStoreFolder(request.storePath ?? defaultStore(root)).catch(
      async (error: unknown) => {
        await folder.discard();
        throw error;
      },
    );
    request.terminal.say(`${request.terminal.bold(folder.path)}  ${describe(prepared, resolved)}`);
    const record = newRecord(
      resolved,
      identityOf(text, prepared, here),
      { cpu: here.cpu, store: relative(folder.path, store.path) },
      request,
    );
    return finish({
      store,
      recipe: resolved,
      recipeText: text,
      prepared,
      planned,
      folder,
      record,
      environment: here,
      isResumed: false,
      ...request,
    });
  }, resolved.provider);
}

/**
 * Goes on with an interrupted run. @throws ConfigError "run/changed" naming what is not as it was,
 * "run/in-use" if it is running
 */
export async function resumeRun(path: string, request: RunRequest): Promise<FinishedRun> {
  assertReportTarget(request.jsonReport);
  if (!existsSync(join(path, "run.json"))) throw notARun(path);
  const { release } = await lockFolder(path);
  try {
    return await resumeLocked(path, release, request);
  } finally {
    await release();
  }
}

async function resumeLocked(
  path: string,
  release: () => Promise<void>,
  request: RunRequest,
): Promise<FinishedRun> {
  const store = await folderStore(path);
  const record = await readRecord(store);
  const bytes = await store.read(resolvedName);
  if (bytes === undefined) throw notARun(path);
  const text = new TextDecoder().decode(bytes);
  const recipe = parseRecipe(text, join(path, resolvedName));
  const placeOf = recipePlaces(text, join(path, resolvedName));
  return withRuntime(async (runtime) => {
    const prepared = await prepare(runtime, recipe, placeOf);
    const here = environment(runtime, recipe.threads ?? 1);
    assertSameIdentity(path, record.identity, identityOf(text, prepared, here));
    if (record.status === "done") return finishedBefore(path, store, request);
    const planned = await plannedRun(prepared, here);
    const results = await openStoreFolder(join(path, record.store));
    request.terminal.say(`${request.terminal.bold(path)}  resumed`);
    const folder = { path, store, release, discard: async () => undefined };
    const next: RunRecord = {
      ...record,
      status: "running",
      ended: null,
      error: null,
      resumed: record.resumed + 1,
    };
    return finish({
      store: results,
      recipe,
      recipeText: text,
      prepared,
      planned,
      folder,
      record: next,
      environment: here,
      isResumed: true,
      ...request,
    });
  }, recipe.provider);
}

function plannedRun({ options }: Prepared, { version }: Environment): Promise<PlannedDistillation> {
  return planDistillation({ ...options, createdBy: `potstill ${version}` });
}

/** A run that is done is not done again: its report stands. */
async function finishedBefore(
  path: string,
  store: Store,
  { terminal, jsonReport }: RunRequest,
): Promise<FinishedRun> {
  const bytes = await store.read("report.json");
  if (bytes === undefined) throw notARun(path);
  const where = join(path, "report.json");
  const report = await readReport(bytes, where);
  terminal.say(`${terminal.bold(path)}  was finished before; nothing is left to do`);
  if (jsonReport !== undefined) await copyFile(where, jsonReport);
  return { path, report };
}

async function finish(run: Conducted & RunRequest): Promise<FinishedRun> {
  const { folder, jsonReport } = run;
  const report = await conductOrTell(run).finally(folder.release);
  if (jsonReport !== undefined) await copyFile(join(folder.path, "report.json"), jsonReport);
  return { path: folder.path, report };
}

/** After a failure that may pass, the command is named that goes on from there. */
async function conductOrTell(run: Conducted): Promise<Report> {
  try {
    return await conduct(run);
  } catch (error) {
    if (error instanceof StartedFailure && mayEndWell(error))
      run.terminal.say(`To go on: potstill distill --resume ${run.folder.path}`);
    throw error;
  }
}

/** Prints what a finished run gives: the card, or an event of type "done". */
export async function presentRun(
  { path, report }: FinishedRun,
  { terminal, json }: RunRequest,
): Promise<void> {
  if (json) {
    terminal.print(JSON.stringify({ type: "done", run: path, report: join(path, "report.json") }));
    return;
  }
  const { renderCard } = await import("../report/index.ts");
  terminal.print(renderCard(report));
  terminal.say(`Report: ${join(path, "report.html")}`);
  terminal.say(`Student: ${join(path, "exports/student.onnx")}`);
}

/** Runs a command's work; failures are said and become the exit code. */
export async function exitCodeFrom(
  { terminal, json }: Pick<RunRequest, "terminal" | "json">,
  work: () => Promise<unknown>,
): Promise<ExitCode> {
  try {
    await work();
    return 0;
  } catch (error) {
    sayFailure(terminal, error, json);
    return exitCodeOf(error);
  }
}

/** The runtime's worker ends with the work. @throws BackendError "backend/provider" */
export async function withRuntime<T>(
  work: (runtime: Runtime) => Promise<T>,
  provider: Provider = "cpu",
): Promise<T> {
  const runtime = await nodeRuntime({ provider });
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

function identityOf(text: string, prepared: Prepared, here: Environment): RunIdentity {
  const { version, runtime, runtimeVersion, node, threads } = here;
  const recipeHash = createHash("sha256").update(text).digest("hex");
  const { hash: dataHash, teacherHash } = prepared;
  const startHash = givenStartHash(prepared.options);
  return {
    ...{ recipeHash, dataHash, teacherHash, ...(startHash !== null && { startHash }) },
    ...{ version, runtime, runtimeVersion, node, threads },
  };
}

function newRecord(
  { name }: Recipe,
  identity: RunIdentity,
  { cpu, store }: Pick<RunRecord, "cpu" | "store">,
  { commandLine }: RunRequest,
): RunRecord {
  return {
    format: "potstill-run-2",
    status: "running",
    identity,
    recipe: name,
    commandLine,
    folder: process.cwd(),
    cpu,
    started: now(),
    ended: null,
    store,
    resumed: 0,
    error: null,
  };
}

function describe({ name, options }: Prepared, { seeds = [] }: Recipe): string {
  const { train, validation, test } = options.data;
  const { generated, whole = train } = options.transfer ?? {};
  const made = generated ? { generated: generated.kind, wholeSize: whole.length } : null;
  return `${name}: ${trainingWords(train.length, made)}, ${validation.length} validation, ${test.length} test samples; ${seeds.length} seeds`;
}

function notARun(path: string): DataError {
  return new DataError("run/not-a-run", {
    where: path,
    rule: "a run folder holds run.json and recipe.resolved.yaml",
    got: existsSync(path) ? "another folder" : "no such folder",
    fix: "Give the folder of a run, for example runs/digits-quick-1",
  });
}

function assertReportTarget(file: string | undefined): void {
  if (file === undefined || existsSync(dirname(file))) return;
  throw new ConfigError("config/usage", {
    where: "--json-report",
    rule: "the file's folder must exist",
    got: file,
    fix: `Make ${dirname(file)} first, or choose another place`,
  });
}
