/**
 * @file Tasks that train: "teacher", a network that will be asked, and "student", which learns from
 * labels, soft labels, or both. They give a model and how its training went.
 */

import { alignSoftLabels, type Dataset, type SoftLabels, withoutLabels } from "../../data/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import { withLearningRate } from "../arms.ts";
import type { DistillEvent } from "../events.ts";
import { type FeatureSource, teacherLayers } from "../features/feature-terms.ts";
import { type Job, type JobResult, runJob, type SoftSource } from "../job.ts";
import { readJobResult } from "../job-files.ts";
import { packageViews } from "../package-job.ts";
import { startWeights } from "../student-start.ts";
import { type DistillationSpec, defaults, type TrainingSpec } from "../training-spec.ts";
import { type ChoiceFile, choiceName, type RankingFile, rankingName } from "./choice.ts";
import type { NeedsOf, TaskWork } from "./execute.ts";
import type { InputRef } from "./inputs.ts";
import { neededBy, type TaskContext, type TaskKind } from "./kind.ts";
import { openedPackage, type SampleSetSpec, sampleSet } from "./labels.ts";
import { storedModel, type TeacherSpec } from "./open-teachers.ts";
import { readJson } from "./result-files.ts";

/** What one training is told. */
export interface TrainingTaskSpec {
  /** undefined: what the role "network" has ranked, at `place` */
  readonly network?: NetworkSpec | undefined;
  readonly place?: CandidatePlace | undefined;
  /** with the role "rate" its learning rate has the peak that was chosen */
  readonly training: TrainingSpec;
  readonly seed: number;
  readonly train: SampleSetSpec;
  readonly validation: InputRef<"data">;
  /** first weights; the role "start" is a model too */
  readonly start?: InputRef<"model"> | undefined;
  readonly soft?: SoftTaskSpec | undefined;
  /** asked while the student trains; with soft.spec.live or features alone */
  readonly teacher?: TeacherSpec | undefined;
  /** of the runtime: other kernels round otherwise */
  readonly runtime: string;
}

/** What a student learns from a teacher. */
export interface SoftTaskSpec {
  /** undefined: the role "labels" */
  readonly package?: InputRef<"package"> | undefined;
  readonly spec: DistillationSpec;
  readonly loss?: InputRef<"loss"> | undefined;
  /** false: its samples' own labels are taken away */
  readonly hardLabels: boolean;
}

/** Which of the candidates: the choice, or the n-th of the best `of` in the order of the search. */
export type CandidatePlace =
  | { readonly chosen: true; readonly name?: undefined }
  | { readonly at: number; readonly of: number; readonly epochs: number };

async function* train(
  work: TaskWork,
  spec: TrainingTaskSpec,
  context: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const job = await jobOf(work, spec, context);
  yield* runTraining(job, work, context);
}

/** Trains in the task's place, with the events that tell where the plan stands. */
export async function* runTraining(
  job: Job,
  { task, result, work, signal }: TaskWork,
  context: TaskContext,
): AsyncGenerator<DistillEvent, JobResult> {
  const number = context.numberOf(task.id) ?? 0;
  yield { type: "job-start", job: job.id, task: task.id, number, total: context.trainings };
  const trained = yield* runJob(job, { ...context, place: { result, work }, signal });
  const { validationAccuracy, bestEpoch } = trained;
  yield { type: "job-end", job: job.id, validationAccuracy, bestEpoch };
  return trained;
}

/** @returns the training that the task is about */
export async function jobOf(
  work: Pick<TaskWork, "task" | "needs" | "result">,
  spec: TrainingTaskSpec,
  context: TaskContext,
): Promise<Job> {
  const { inputs } = context;
  const { name, network } = await networkOf(work, spec);
  const samples = await sampleSet(work, spec.train, inputs);
  const soft = spec.soft && (await softSource(work, spec, samples, context));
  const features = await featureSource(work, spec, context);
  const train = spec.soft?.hardLabels === false ? withoutLabels(samples) : samples;
  const { seed } = spec;
  const started = work.needs.start === undefined ? undefined : neededBy(work, "start");
  const start = started ? await storedModel(started) : spec.start && inputs.get(spec.start);
  return {
    ...{ id: name, network, seed, train, validation: inputs.get(spec.validation) },
    training: await trainingOf(work, spec.training),
    ...(soft && { soft }),
    ...(features && { features }),
    ...(start && { start: startWeights(start, { network, train: samples, seed }) }),
  };
}

async function networkOf(
  work: Pick<TaskWork, "task" | "needs">,
  { network, place }: TrainingTaskSpec,
): Promise<{ readonly name: string; readonly network: NetworkSpec }> {
  const { name } = work.task;
  if (network !== undefined) return { name, network };
  const { ranked, chosen } = await readJson<RankingFile>(neededBy(work, "network"), rankingName);
  if (place === undefined || "chosen" in place) return { name, network: ranked[chosen]!.network }; // one of them
  const alive = ranked.slice(0, place.of).toSorted((a, b) => a.index - b.index);
  const candidate = alive[place.at]!; // as many as the rung has
  return { name: `search/${candidate.name}/epochs-${place.epochs}`, network: candidate.network };
}

async function trainingOf(
  work: Pick<TaskWork, "needs">,
  training: TrainingSpec,
): Promise<TrainingSpec> {
  if (work.needs.rate === undefined) return training;
  const { trials, chosen } = await readJson<ChoiceFile>(neededBy(work, "rate"), choiceName);
  const { learningRate = defaults.learningRate } = training;
  return {
    ...training,
    learningRate: withLearningRate(learningRate, trials[chosen]!.learningRate),
  }; // one of them
}

/** Opened packages, and where their rows are: every student of a package asks. */
const packages = new WeakMap<TaskContext, Map<string, Promise<SoftLabels>>>();

async function packageOf(
  work: NeedsOf,
  { package: given }: SoftTaskSpec,
  context: TaskContext,
): Promise<SoftLabels> {
  if (given !== undefined) return context.inputs.get(given);
  const known = packages.get(context) ?? new Map<string, Promise<SoftLabels>>();
  packages.set(context, known);
  const id = work.task.needs.labels![0]!; // a student without a package needs labels
  const opened = known.get(id) ?? openedPackage(neededBy(work, "labels"));
  known.set(id, opened);
  return opened;
}

async function softSource(
  work: NeedsOf,
  { soft, teacher }: TrainingTaskSpec,
  samples: Dataset,
  context: TaskContext,
): Promise<SoftSource> {
  const { spec, loss } = soft!; // asked only where there is one
  const softLabels = await packageOf(work, soft!, context);
  const live = spec.live === true && teacher !== undefined;
  return {
    ...{ softLabels, rows: alignSoftLabels(softLabels, samples), spec },
    loss: loss && context.inputs.get(loss),
    views: packageViews(softLabels),
    live: live ? await context.teachers.get(teacher, work) : undefined,
  };
}

/** Samples in a question about features: few, as what inner layers give of them may be large. */
export const askedAtOnce = 64;

async function featureSource(
  work: NeedsOf,
  { soft, teacher, training }: TrainingTaskSpec,
  { teachers }: TaskContext,
): Promise<FeatureSource | undefined> {
  const specs = soft?.spec.features ?? [];
  if (specs.length === 0 || teacher === undefined) return undefined;
  const { batchSize = defaults.batchSize } = training;
  const layers = teacherLayers(specs);
  const open = await teachers.features(teacher, work, layers, Math.min(batchSize, askedAtOnce));
  return { specs, open };
}

/** @returns the settings with what they leave out: the same training has the same id */
export function normalTraining(training: TrainingSpec): TrainingSpec {
  const { batchSize, learningRate } = defaults;
  return { batchSize, learningRate, optimizer: { name: "adam" }, ...definedOf(training) };
}

export function normalDistillation(spec: DistillationSpec): DistillationSpec {
  const { temperature, softWeight, hardWeight } = defaults;
  return { temperature, softWeight, hardWeight, ...definedOf(spec) };
}

function definedOf<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, own]) => own !== undefined)) as T; // what is left out may be
}

/** @returns what a training task has made. @param name what it is called now */
export async function trainedResult(
  result: Parameters<typeof readJobResult>[0],
  name: string,
): Promise<JobResult> {
  return (await readJobResult(result, name))!; // of a whole result
}

export const teacherKind: TaskKind<TrainingTaskSpec> = { kind: "teacher", version: 1, run: train };
export const studentKind: TaskKind<TrainingTaskSpec> = { kind: "student", version: 1, run: train };

/** Kinds of which every task is a training with a `TrainingTaskSpec`. */
export const trainingKinds: readonly string[] = [teacherKind.kind, studentKind.kind];
