/**
 * @file One training of one network: the unit that a distillation run is made of, and that resumes
 * on its own.
 */

import { assertMixable, type Dataset, type SoftLabels } from "../data/index.ts";
import type { Step } from "../engine/compile/index.ts";
import {
  initialParameters,
  type Network,
  type NetworkSpec,
  type ParameterSpec,
} from "../engine/nn/index.ts";
import { buildOptimizer, schedule } from "../engine/optim/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { type Tensor, zeros } from "../engine/tensor/index.ts";
import {
  buildStep,
  type EpochRecord,
  type Feed,
  fit,
  learningRateInput,
  openPredictor,
  type Progress,
  stepParameters,
  type TrainEvent,
  type Validation,
} from "../engine/train/index.ts";
import { ConfigError } from "../errors/index.ts";
import { withAdversarial } from "./adversarial.ts";
import { withDerivedMetrics } from "./derived-metrics.ts";
import { type FeatureSource, withFeatures } from "./features/feature-terms.ts";
import { noFeatures } from "./features/no-features.ts";
import {
  type JobPlace,
  jobIdentity,
  readProgress,
  readResult,
  writeProgress,
  writeResult,
} from "./job-files.ts";
import { accuracy, negativeLogLikelihood } from "./metrics/index.ts";
import { assertSumsParts, namedLoss } from "./named-loss.ts";
import {
  type DistillationLoss,
  type FedObjective,
  hardObjective,
  softObjective,
} from "./objective.ts";
import { prunedForm, sparseFromEpoch, withoutPruned } from "./pruning.ts";
import { trainedForm, withQuantization } from "./quantization.ts";
import { regularized } from "./regularization.ts";
import { assertLabelledViews } from "./soft-label-rules.ts";
import { assertStart } from "./start-weights.ts";
import { assertStepFits } from "./step-memory.ts";
import type { Teacher } from "./teachers/index.ts";
import { assertTokenIds } from "./token-ids.ts";
import { datasetFeed, scalarsPart, type Views } from "./training/dataset-feed.ts";
import { type Model, networkOf } from "./training/model-file.ts";
import { type DistillationSpec, defaults, type TrainingSpec } from "./training-spec.ts";

/** What the distillation term of a job needs. */
export interface SoftSource {
  readonly softLabels: SoftLabels;
  /** row of each training sample, from alignSoftLabels */
  readonly rows: Int32Array;
  readonly spec: DistillationSpec;
  readonly loss?: DistillationLoss | undefined;
  /** the package's views; without it the samples are seen as they are */
  readonly views?: Views | undefined;
  /** ask this teacher at every step, about the very batch, instead of reading the package */
  readonly live?: Teacher | undefined;
}

export interface Job {
  /** for events and messages: "distilled/seed-1" */
  readonly id: string;
  readonly network: NetworkSpec;
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly training: TrainingSpec;
  /** of initial weights, batch order and dropout */
  readonly seed: number;
  /** distil from these soft labels; without them the job trains on hard labels alone */
  readonly soft?: SoftSource | undefined;
  /** learn these inner layers too */
  readonly features?: FeatureSource | undefined;
  /** first weights, by name, float32; those that are not there are drawn by the seed */
  readonly start?: ReadonlyMap<string, Tensor> | undefined;
}

/** Where a job runs, and where it keeps what must survive a crash. */
export interface JobContext {
  readonly runtime: Runtime;
  /** without one nothing is kept */
  readonly place?: JobPlace | undefined;
  readonly signal?: AbortSignal | undefined;
  /** what else a checkpoint must remember: lengths of log files */
  readonly checkpointExtra?: (() => unknown) | undefined;
  readonly checkpointSeconds?: number | undefined;
  readonly keepCheckpoints?: number | undefined;
  /** memory that a step may take; a larger one is refused. Default: whatever it needs */
  readonly memoryBytes?: number | undefined;
}

export interface JobResult {
  readonly id: string;
  /** with the weights of the best epoch, or of the last one if the training says so */
  readonly model: Model;
  readonly history: readonly EpochRecord[];
  /** the epoch that was kept */
  readonly bestEpoch: number;
  readonly validationAccuracy: number;
}

/** The same model without its weights. */
export function describeModel(job: Pick<Job, "network" | "train">): Omit<Model, "weights"> {
  const { dtype, shape, preprocessing, classNames, text, frames } = job.train;
  const sample = { dtype, shape };
  return {
    ...{ spec: job.network, sample, preprocessing, classNames },
    ...(text && { text }),
    ...(frames && { frames }),
  };
}

/**
 * Trains, or goes on from the job's last checkpoint, or returns at once what an earlier run
 * finished.
 *
 * @throws RunError "run/non-finite", "run/interrupted"; ConfigError "run/memory", "config/conflict"
 *   for an augmentation that the soft labels are without; DataError "run/other-settings" if the
 *   store holds another job's files, "checkpoint/damaged"; whatever the network, losses or data
 *   refuse before training
 */
export async function* runJob(
  job: Job,
  context: JobContext,
): AsyncGenerator<TrainEvent, JobResult> {
  const { place, runtime } = context;
  const { soft, training } = job;
  // not in prepareJob: the checks of a run prepare a distilled student that may not be trained
  if (soft !== undefined) {
    const isPaired = soft.softLabels.manifest.teacherInputs !== undefined;
    assertLabelledViews(`training of ${job.id}`, training.augmentation, soft.views, isPaired);
  }
  const prepared = prepareJob(job);
  const { network, step, feed } = prepared;
  assertStart(job, network);
  assertStepFits(job, prepared, context.memoryBytes);
  const identity = place === undefined ? "" : jobIdentity(job, step);
  const finished = place && (await readResult(job, place, identity));
  if (finished !== undefined) return finished;
  for (const part of [job.train, job.validation]) await assertTokenIds(part, network.vocabulary);
  const resumed = place && (await readProgress(place, identity));
  const predictor = await openPredictor(runtime, {
    network,
    sample: job.train,
    preprocessing: job.train.preprocessing,
    batchSize: Math.min(256, job.validation.length),
    threads: job.training.threads ?? 1,
  });
  try {
    const course = fit({
      job: job.id,
      runtime,
      step,
      feed,
      epochs: job.training.epochs,
      start: resumed ?? freshStart(prepared, job.seed, job.start),
      weightNames: network.parameters.map(({ name }) => name),
      validate: async (weights) =>
        validationOf(job.validation, await predictor.datasetLogits(job.validation, weights)),
      patience: job.training.patience,
      unrankedEpochs: unrankedEpochs(job.training),
      threads: job.training.threads,
      signal: context.signal,
      checkpointSeconds: context.checkpointSeconds,
      save: place && ((now) => writeProgress(context, place, { progress: now, identity })),
    });
    const progress = yield* withDerivedMetrics(course, job);
    const result = resultOf(job, progress);
    if (place !== undefined) await writeResult(place, result, identity);
    return result;
  } finally {
    await predictor.close();
  }
}

/** Epochs at the beginning that cannot be the one that is kept. */
function unrankedEpochs(training: TrainingSpec): number {
  return training.keep === "last" ? training.epochs - 1 : sparseFromEpoch(training);
}

function validationOf({ labels }: Dataset, logits: Float32Array): Validation {
  return { accuracy: accuracy(logits, labels), loss: negativeLogLikelihood(logits, labels) };
}

/** A job's network, step and feed. */
export interface PreparedJob {
  readonly network: Network;
  /** all that the step has as state: the network's, regressors between features, a discriminator */
  readonly parameters: readonly ParameterSpec[];
  readonly step: Step;
  readonly feed: Feed;
}

/** Builds network, step and feed: everything that can be refused is refused here. */
export function prepareJob(job: Job): PreparedJob {
  const { training, train } = job;
  const { batchSize = defaults.batchSize, optimizer: optimizerSpec = { name: "adam" } } = training;
  assertTraining(job);
  const plain = networkOf(describeModel(job));
  assertVocabulary(plain, train);
  if (viewsOf(job)?.augmentation.mixup !== undefined) assertMixable(train, plain.vocabulary);
  assertAccumulable(job);
  const network = prunedForm(trainedForm(plain, training, train), plain, job);
  const optimizer = buildOptimizer(optimizerSpec);
  const learningRate = schedule(
    training.learningRate ?? defaults.learningRate,
    "training.learningRate",
  );
  const { accumulate = 1 } = training;
  const microBatch = batchSize / accumulate;
  const { objective } = objectiveOf(job, plain, microBatch);
  const { parts } = objectiveOf(job, plain, batchSize);
  const step = buildStep({
    name: job.id,
    network,
    objective,
    optimizer,
    sample: train,
    preprocessing: train.preprocessing,
    batchSize: microBatch,
    microBatches: accumulate,
    clipNorm: training.clipNorm,
    maxNorm: training.maxNorm,
    decay: training.decay,
    parameterGroups: training.parameterGroups,
  });
  const optimizerScalars = Object.entries(optimizer.scalars).map(
    ([name, at]) => [name, ({ step: number }: { step: number }) => at(number + 1)] as const,
  );
  const feed = datasetFeed({
    dataset: train,
    batchSize,
    epochs: training.epochs,
    seed: job.seed,
    views: viewsOf(job),
    parts: [
      scalarsPart({
        [learningRateInput]: ({ step: number, totalSteps }) => learningRate(number, totalSteps),
        ...Object.fromEntries(optimizerScalars),
      }),
      ...parts,
    ],
  });
  return { network, parameters: stepParameters({ network, objective }), step, feed };
}

function assertTraining({ id, training }: Job): void {
  const { epochs, patience, threads, accumulate = 1, batchSize = defaults.batchSize } = training;
  for (const [name, value] of Object.entries({ epochs, patience, threads, accumulate }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new ConfigError("config/range", {
        where: `training of ${id}`,
        rule: `${name} must be an integer ≥ 1`,
        got: String(value),
        fix: `Correct ${name}`,
        details: { name, value },
      });
  if (training.keep === "last" && patience !== undefined)
    throw new ConfigError("config/conflict", {
      where: `training of ${id}`,
      rule: "patience waits for a better epoch, of which keep: last knows none",
      got: `patience ${patience} with keep: last`,
      fix: "Leave one of them out",
      details: { patience },
    });
  if (batchSize % accumulate !== 0)
    throw new ConfigError("config/range", {
      where: `training of ${id}`,
      rule: `accumulate must divide batchSize (${batchSize}), so that all parts are of one size`,
      got: String(accumulate),
      fix: "Choose a divisor, or another batchSize",
      details: { batchSize, accumulate },
    });
}

/**
 * @throws ConfigError "config/vocabulary" if the text has tokens that the network has no row for
 */
function assertVocabulary({ name, vocabulary }: Network, { text }: Dataset): void {
  if (text === undefined || vocabulary === undefined) return;
  const tokens = text.vocabulary.length;
  if (vocabulary < tokens)
    throw new ConfigError("config/vocabulary", {
      where: name,
      rule: `the network's vocabulary must hold the ${tokens} tokens of the text`,
      got: String(vocabulary),
      fix: `Set the network's vocabulary to ${tokens}, or the data's lower`,
      details: { network: vocabulary, text: tokens },
    });
}

/** @throws ConfigError "config/conflict" for parts of a batch that do not add up to its loss */
function assertAccumulable({ soft, training }: Job): void {
  if (soft === undefined || soft.loss !== undefined) return;
  const { relatesSamples } = namedLoss(soft.spec, soft.softLabels.manifest);
  assertSumsParts({ loss: soft.spec.loss, relatesSamples }, training.accumulate);
}

/** Soft labels bring their own views: teacher and student must see the same. */
function viewsOf({ soft, training, seed }: Job): Views | undefined {
  if (soft !== undefined) return soft.views;
  const { augmentation } = training;
  return augmentation === undefined ? undefined : { augmentation, seed };
}

function objectiveOf(job: Job, network: Network, batchSize: number): FedObjective {
  const { soft, features, train: dataset, training } = job;
  const { labelSmoothing, hardClasses } = training;
  const hard = { labelSmoothing, hardClasses };
  const views = viewsOf(job);
  const source = soft && { ...soft, ...hard, dataset, batchSize };
  const fed =
    source === undefined
      ? hardObjective(dataset, batchSize, hard, views)
      : withAdversarial(softObjective(source), source);
  if (features === undefined && (soft?.spec.features ?? []).length > 0)
    throw noFeatures(`training of ${job.id}`, "no teacher's layers in the job");
  const taught =
    features === undefined
      ? fed
      : withFeatures(fed, features, { network, dataset, batchSize, views });
  const { regularization, accumulate: parts = 1 } = training;
  return regularization === undefined
    ? taught
    : regularized(taught, regularization, { network, parts });
}

/** Initial weights as given, or from the seed; optimiser slots at zero. */
export function freshStart(
  { parameters, step }: Pick<PreparedJob, "parameters" | "step">,
  seed: number,
  given: Job["start"] = new Map(),
): Progress {
  const own = Array.from(given, ([name, value]) => [name, { ...value, data: value.data.slice() }]);
  const weights = new Map([
    ...initialParameters(parameters, seed),
    ...(own as [string, Tensor][]), // copies of tensors are tensors
  ]);
  const state = new Map<string, Tensor>(
    step.state.map(({ before }) => [
      before.name,
      weights.get(before.name) ?? zeros(before.dtype, before.shape),
    ]),
  );
  return { step: 0, history: [], epochSums: {}, epochSeconds: 0, best: null, state };
}

function resultOf(job: Job, progress: Progress): JobResult {
  const best = progress.best!; // at least one epoch has ended
  const about = describeModel(job);
  const { parameters } = networkOf(about);
  const weights = new Map(parameters.map(({ name }) => [name, best.weights.get(name)!])); // weightNames in runJob
  const { history } = progress;
  const quantized = withQuantization({ ...about, weights }, job.training, best.weights);
  const model = withoutPruned(quantized, job, best.weights);
  return { id: job.id, model, history, bestEpoch: best.epoch, validationAccuracy: best.accuracy };
}
