/** @file The work of potstill label. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, knownClasses, type SoftLabelManifest } from "../../data/index.ts";
import { folderStore } from "../../data/sources/index-node.ts";
import {
  assertGenerated,
  averagedTeacher,
  type DistillEvent,
  generateSamples,
  label,
  type Teacher,
  trainTeacherAlone,
} from "../../distill/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { type Recipe, teacherClassesOf } from "../spec/index.ts";
import { type Display, makeDisplay } from "./display.ts";
import { ownVersion } from "./environment.ts";
import { mayEndWell, StartedFailure } from "./failure.ts";
import { lockFolder } from "./folder-lock.ts";
import { type Interruption, listenForInterruption } from "./interruption.ts";
import { openTeacher } from "./open-teacher.ts";
import { checkpointOptions, type PreparedData, prepareData } from "./prepare.ts";
import { readRecipe } from "./recipe-file.ts";
import { eventLine } from "./run-log.ts";
import { withRuntime } from "./start-run.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

export interface LabelRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly overrides: readonly string[];
}

interface Given {
  readonly recipe: Recipe;
  readonly data: PreparedData;
  readonly runtime: Runtime;
  readonly out: string;
}

interface Work extends Given {
  readonly interruption: Interruption;
  readonly watch: Watch;
}

type Watch = <T>(events: AsyncGenerator<DistillEvent, T>) => Promise<T>;

/** Writes the package of a recipe's teacher into `out`. */
export async function labelRecipe(path: string, out: string, request: LabelRequest): Promise<void> {
  const recipe = await readRecipe(path, request.overrides);
  if ("softLabels" in recipe.teacher)
    throw usageError("label", "needs a teacher that can be asked", "teacher.softLabels");
  if (recipe.transfer?.generated && recipe.labels?.withInputs !== true)
    throw usageError("label", "needs --with-inputs for samples that are nowhere else", "none");
  await withRuntime(async (runtime) => {
    const data = await prepareData(recipe);
    await labelAlone({ recipe, data, runtime, out }, request);
  }, recipe.provider);
}

/** No other process writes into the folder meanwhile. */
async function labelAlone(given: Given, request: LabelRequest): Promise<void> {
  const { out } = given;
  const { terminal, json } = request;
  const isFirst = !existsSync(workFolderOf(out));
  const lock = await lockFolder(out);
  const display = makeDisplay(terminal);
  const interruption = listenForInterruption(terminal, display.stop);
  const state = { hasBegun: false };
  const watch = watcher(display, json ? terminal.print : undefined, state);
  try {
    const manifest = await labelData({ ...given, interruption, watch });
    display.stop();
    present(out, manifest, request);
  } catch (error) {
    display.stop();
    if (state.hasBegun) {
      if (mayEndWell(error)) terminal.say("To go on: give the same command again");
      throw new StartedFailure(error);
    }
    if (isFirst) await rm(workFolderOf(out), { recursive: true, force: true });
    await lock.discard();
    throw error;
  } finally {
    interruption.release();
    await lock.release();
  }
}

async function labelData(work: Work): Promise<SoftLabelManifest> {
  const { recipe, out, interruption, watch } = work;
  const folder = join(workFolderOf(out), workHash(work));
  const whole = await readyTeacher(work, folder);
  const teacher = recipe.labels?.members === "averaged" ? averagedTeacher(whole) : whole;
  const { precision = "float16", views = 1, seed = 0, augmentation } = recipe.labels ?? {};
  const teacherClasses = teacherClassesOf(recipe.teacher);
  const manifest = await watch(
    label({
      teacher,
      ...(teacherClasses && { teacherClasses }),
      dataset: await transferSet(work, whole, folder),
      ...(recipe.transfer?.generated && { generated: recipe.transfer.generated }),
      store: await folderStore(out),
      precision,
      views: { count: views, seed, augmentation: augmentation ?? null },
      withInputs: recipe.labels?.withInputs ?? false,
      createdBy: `potstill ${ownVersion()}`,
      signal: interruption.signal,
    }),
  );
  await teacher.close();
  await rm(folder, { recursive: true, force: true });
  await rmdir(workFolderOf(out)).catch(() => undefined); // not there, or not ours alone
  return manifest;
}

const workFolderOf = (out: string): string => `${out}.teacher`;

/** Of what the teacher depends on: what is kept of it is used again for the same. */
function workHash({ recipe, data }: Work): string {
  const { teacher, threads = 1, transfer } = recipe;
  const { whole, validation, test } = data.parts;
  const seen = [whole, validation, test].map((part) => part?.hash() ?? null);
  const isPromised = transfer?.generated !== undefined; // then data.hash is of samples yet to be made
  return shortHash([teacher, threads, isPromised ? seen : data.hash, ownVersion()]);
}

function shortHash(words: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 12);
}

/**
 * Opens the teacher, or trains it first; a teacher being trained is kept beside the package until
 * that is whole.
 */
async function readyTeacher(work: Work, folder: string): Promise<Teacher> {
  const { recipe, data, runtime, interruption, watch } = work;
  const { parts } = data;
  const threads = recipe.threads ?? 1;
  const source = await openTeacher(recipe, { runtime, parts, threads, softLabels: null });
  const teacherClasses = knownClasses(teacherClassesOf(recipe.teacher), parts.train.classNames);
  const { generated } = recipe.transfer ?? {};
  if (generated !== undefined)
    assertGenerated(generated, { teacher: source, teacherClasses }, parts);
  if (source.kind === "given") return source.teacher;
  if (source.kind === "softLabels") throw usageError("label", "needs a teacher", "soft labels");
  const { train, validation, test } = parts;
  return watch(
    trainTeacherAlone(source, {
      runtime,
      data: { train, validation, test: test ?? validation },
      teacherClasses,
      store: await folderStore(folder),
      signal: interruption.signal,
      memoryBytes: process.availableMemory(),
      ...checkpointOptions(recipe),
    }),
  );
}

/** All samples of the recipe that are not test samples, or those made from the teacher. */
async function transferSet(work: Work, teacher: Teacher, folder: string): Promise<Dataset> {
  const { recipe, data, runtime, interruption, watch } = work;
  const spec = recipe.transfer?.generated;
  if (spec === undefined) return data.parts.transfer;
  const threads = recipe.training.threads ?? recipe.threads ?? 1;
  return watch(
    generateSamples({
      ...{ teacher, spec, runtime, like: data.parts.train },
      threads,
      store: await folderStore(join(folder, `generated-${shortHash([spec, threads])}`)),
      signal: interruption.signal,
    }),
  );
}

function watcher(
  display: Display,
  print: ((line: string) => void) | undefined,
  state: { hasBegun: boolean },
): Watch {
  return async (events) => {
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
      if (value.type !== "job-start") state.hasBegun = true;
      print?.(eventLine(value));
      display.show(value);
    }
  };
}

function present(out: string, manifest: SoftLabelManifest, { terminal, json }: LabelRequest): void {
  const { sampleCount, classCount, views, precision, withInputs, shards, teacherHash } = manifest;
  const seen = manifest.teacherInputs;
  const sizeBytes = shards.reduce((total, { bytes }) => total + bytes, 0);
  if (json) {
    terminal.print(JSON.stringify({ type: "done", package: out, sampleCount, sizeBytes }));
    return;
  }
  terminal.print(
    [
      `${out}: soft labels of ${sampleCount} samples, ${classCount} classes, ${views.count} view(s)`,
      `${precision}, ${(sizeBytes / 1e6).toFixed(2)} MB, samples ${withInputs ? "inside" : "not inside"}`,
      `teacher ${teacherHash}${seen ? `, which saw ${seen.name}` : ""}`,
    ].join("\n"),
  );
}
