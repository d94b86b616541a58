/** @file Conducts a sweep in its folder: points, executor, the winner's test, table and report. */

import { type Store, seenByTeacher } from "../../../data/index.ts";
import {
  assertLabelled,
  type Model,
  modelLatency,
  modelLogits,
  readModel,
} from "../../../distill/index.ts";
import { correctSamples } from "../../../distill/metrics/index.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { ConfigError } from "../../../errors/index.ts";
import { sha256Hex } from "../../../hash/index.ts";
import {
  buildSweepReport,
  type Json,
  renderSweepHtml,
  type SweepInput,
  type SweepReport,
} from "../../report/index.ts";
import { parseAxis, type Recipe, type SweepPoint, type TeacherRecipe } from "../../spec/index.ts";
import { dataKey, pathOf, readModelFile, teacherFiles } from "../data-encoding.ts";
import { environment } from "../environment.ts";
import { combinedPackage } from "../package-folder.ts";
import { type PreparedData, prepareData } from "../prepare.ts";
import { assertCombination } from "./combination.ts";
import type { Executor } from "./executor.ts";
import { type PointPlan, packageFacts, type TrainedPoint, trainPoint } from "./point-tasks.ts";
import { requestedPoints } from "./requested-points.ts";
import { correctOf, epochsOf, type PointOutcome, runPoints } from "./run-points.ts";
import { modelName } from "./run-task.ts";
import { reportName, type SweepRequest } from "./sweep-folder.ts";
import { assertTrainable } from "./swept-student.ts";
import { type TaskWatcher, taskRunner } from "./task-runner.ts";

/** A sweep that has been checked. */
export interface PreparedSweep {
  readonly request: SweepRequest;
  readonly plans: readonly PointPlan[];
  readonly seeds: readonly number[];
  /** of the first point; all have the same validation and test samples */
  readonly data: PreparedData;
}

const defaultSeeds = [1, 2, 3] as const;

/**
 * Checks every point's recipe and data. @throws ConfigError, DataError before anything is written
 *
 * @param points of the request, where they have been read
 */
export async function prepareSweep(
  request: SweepRequest,
  points: readonly SweepPoint[] = requestedPoints(request),
): Promise<PreparedSweep> {
  const known = new Map<string, PreparedData>();
  const knownFiles = new Map<string, string>();
  const plans: PointPlan[] = [];
  for (const point of points) {
    const data = await dataOf(point.recipe, known);
    assertTrainable(point.recipe, data);
    assertCombination(point.recipe);
    const teacherFiles = await fileHashes(point.recipe.teacher, knownFiles);
    plans.push({
      point,
      dataHash: data.hash,
      teacherDataHash: teacherDataHash(data),
      given: givenPackage(point.recipe, data),
      teacherFiles,
    });
  }
  const data = await dataOf(points[0]!.recipe, known); // axes have a value at least
  assertSameValidation([...known.values()]);
  const { validation, test } = data.parts;
  assertLabelled(validation);
  if (request.test) assertLabelled(test ?? failNoTest(data.name));
  const seeds = request.seeds ?? points[0]!.recipe.seeds ?? defaultSeeds;
  return { request, plans, seeds, data };
}

/** Teachers see all that `transfer` keeps from the students. */
function teacherDataHash({ hash, parts }: PreparedData): string {
  const { whole, train, trainAllLabels, validation } = parts;
  if (whole === train) return hash;
  const hashes = [whole, trainAllLabels, validation].map((part) => seenByTeacher(part).hash());
  return sha256Hex(new TextEncoder().encode(hashes.join("\n")));
}

/**
 * @param known of files that another point names too, read once
 * @returns SHA-256 of every file that a teacher is read from
 */
async function fileHashes(
  teacher: TeacherRecipe,
  known: Map<string, string>,
): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (const file of teacherFiles(teacher)) {
    const path = pathOf(file);
    const hash = known.get(path) ?? sha256Hex(await readModelFile(file, "a teacher's file"));
    known.set(path, hash);
    hashes.push(hash);
  }
  return hashes;
}

/** The package that a recipe names, in words; null for none. @throws as combinedPackage */
function givenPackage({ teacher }: Recipe, { softLabels, parts }: PreparedData): string | null {
  if (softLabels === null || !("softLabels" in teacher)) return null;
  return JSON.stringify(combinedPackage(softLabels, teacher, parts.validation).manifest);
}

async function dataOf(recipe: Recipe, known: Map<string, PreparedData>): Promise<PreparedData> {
  const key = await dataKey(recipe);
  const found = known.get(key) ?? (await prepareData(recipe));
  known.set(key, found);
  return found;
}

export interface SweepContext {
  readonly runtime: Runtime;
  readonly path: string;
  readonly store: Store;
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly watcher: TaskWatcher;
  readonly onRung: (points: number, epochs: number) => void;
}

/** Runs a sweep to its end, or goes on with it. @returns the report, which is written */
export async function conductSweep(
  sweep: PreparedSweep,
  context: SweepContext,
): Promise<SweepReport> {
  const { request, plans, seeds } = sweep;
  const { runtime, path, store, executor, watcher, onRung } = context;
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  const perform = taskRunner(path, executor, signal, watcher);
  try {
    const work = { seeds, perform };
    const outcomes = await runPoints(plans, { ...work, halving: request.halving, onRung });
    const scratch = request.scratch
      ? await Promise.all(
          plans.map((plan) => trainPoint(plan, "scratch", { ...work, epochs: epochsOf(plan) })),
        )
      : null;
    const latencies = await measureLatencies(outcomes, context);
    const input = sweepInput(sweep, { outcomes, scratch, latencies, runtime });
    const { best } = buildSweepReport(input);
    const alone = scratch?.[best];
    const beside = alone?.failure === null ? alone : null; // a training that failed has no model
    const test = request.test
      ? await testBest(sweep, outcomes[best]!, beside, context) // best is one of them
      : null;
    const report = buildSweepReport({ ...input, test });
    const text = new TextEncoder();
    await store.write("report.html", text.encode(renderSweepHtml(report)));
    await store.write(reportName, text.encode(`${JSON.stringify(report, null, 1)}\n`));
    return report;
  } catch (error) {
    failing.abort(); // what else is being trained is saved
    throw error;
  }
}

/**
 * Milliseconds of each point's student, when no training is in the way; null for what failed.
 * Students of one network share a measurement.
 */
async function measureLatencies(
  outcomes: readonly PointOutcome[],
  { runtime, store }: SweepContext,
): Promise<readonly (number | null)[]> {
  const known = new Map<string, number>();
  const latencies: (number | null)[] = [];
  for (const { folders, results } of outcomes) {
    if (results.length === 0) {
      latencies.push(null);
      continue;
    }
    const model = await modelIn(store, folders[0]!); // a seed at least
    const key = computationOf(model);
    const latency = known.get(key) ?? (await modelLatency(runtime, model)).p50;
    known.set(key, latency);
    latencies.push(latency);
  }
  return latencies;
}

/**
 * @returns what a model computes, whatever its numbers: pruning and an int8 grid make other
 * networks
 *   of one spec
 */
function computationOf({ spec, sample, preprocessing, quantization, weights }: Model): string {
  const shapes = Array.from(weights, ([name, { shape }]) => [name, shape]);
  const grid = quantization && { ...quantization, ranges: Object.keys(quantization.ranges) };
  return JSON.stringify([spec, sample, preprocessing, grid, shapes]);
}

async function modelIn(store: Store, folder: string): Promise<Model> {
  const name = `${folder}/${modelName}`;
  return readModel((await store.read(name))!, `${store.location}/${name}`); // its task is done
}

function sweepInput(
  { request, plans, seeds, data }: PreparedSweep,
  {
    outcomes,
    scratch,
    latencies,
    runtime,
  }: {
    readonly outcomes: readonly PointOutcome[];
    readonly scratch: readonly TrainedPoint[] | null;
    readonly latencies: readonly (number | null)[];
    readonly runtime: Runtime;
  },
): SweepInput {
  const { recipe } = plans[0]!.point;
  const runs = ({ results }: TrainedPoint): SweepInput["points"][number]["runs"] =>
    results.map((result, at) => ({
      seed: seeds[at]!, // a result a seed
      correct: correctOf(result),
      curve: result.curve,
    }));
  return {
    title: recipe.name,
    createdBy: environment(runtime, recipe.threads ?? 1),
    commandLine: request.commandLine,
    axes: request.axes
      .map(parseAxis)
      .map(({ name, values }) => ({ name, values: values as Json[] })), // from YAML
    seeds,
    validationSize: data.parts.validation.length,
    validationGroups: data.parts.validation.groups,
    points: outcomes.map((outcome, at) => {
      const { point } = plans[at]!;
      const first = outcome.results[0];
      const alone = scratch?.[at];
      const wholeEpochs = epochsOf(plans[at]!);
      return {
        name: point.name,
        values: point.values as Json[], // from YAML
        student: point.recipe.student as unknown as Json, // from YAML
        epochs: outcome.epochs,
        wholeEpochs,
        learningRate: outcome.learningRate,
        parameters: first?.parameters ?? 0,
        macs: first?.macs ?? 0,
        bytes: first?.bytes ?? 0,
        latencyMs: latencies[at] ?? null,
        runs: runs(outcome),
        scratch:
          alone === undefined || alone.results.length === 0 || outcome.epochs < wholeEpochs
            ? null
            : runs(alone),
        failure: outcome.failure,
      };
    }),
    packages: packageCount(plans),
    test: null,
  };
}

/** Soft-label packages that the points share. */
function packageCount(plans: readonly PointPlan[]): number {
  return new Set(plans.map((plan) => JSON.stringify(packageFacts(plan)))).size;
}

/** The test split's only turn. */
async function testBest(
  { data }: PreparedSweep,
  best: TrainedPoint,
  scratch: TrainedPoint | null,
  { runtime, store }: SweepContext,
): Promise<SweepInput["test"]> {
  const test = data.parts.test!; // prepareSweep has checked
  const correct = async ({ folders }: TrainedPoint): Promise<readonly Uint8Array[]> => {
    const rows: Uint8Array[] = [];
    for (const folder of folders) {
      const logits = await modelLogits(runtime, await modelIn(store, folder), test);
      rows.push(correctSamples(logits, test.labels));
    }
    return rows;
  };
  const beside = scratch && (await correct(scratch));
  return { correct: await correct(best), scratch: beside, groups: test.groups };
}

/** Points are compared sample by sample. */
function assertSameValidation(found: readonly PreparedData[]): void {
  const hashes = new Set(found.map(({ parts }) => parts.validation.hash()));
  if (hashes.size <= 1) return;
  throw new ConfigError("config/conflict", {
    where: "sweep",
    rule: "all points must be compared on the same validation samples",
    got: `${hashes.size} different validation splits`,
    fix: "Leave data and split out of the axes, and teachers that were trained on text numbered, or frames standardised, otherwise",
  });
}

function failNoTest(name: string): never {
  throw new ConfigError("config/missing", {
    where: "sweep --test",
    rule: "the winner's test needs test samples",
    got: `${name}, which has no test part`,
    fix: "Add split: {test: 0.2} to the recipe, or leave --test out",
  });
}
