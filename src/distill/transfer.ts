/**
 * @file Students that see only part of what their teacher saw: the student of all samples beside
 * them, class biases, and what is measured.
 */

import { type Dataset, labelledSamples, UNLABELLED } from "../data/index.ts";
import type { ArmSources } from "./arms.ts";
import { type BiasCorrection, correctBias } from "./class-bias.ts";
import { distinctSamples } from "./data-free/generate-samples.ts";
import type { GeneratedSpec } from "./data-free/generated-spec.ts";
import type { DistillEvent } from "./events.ts";
import type { Job, JobResult } from "./job.ts";
import { accuracy } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import type { ArmName, DistillOptions } from "./options.ts";
import type { RunJobs } from "./run-jobs.ts";
import { startWeights } from "./student-start.ts";
import type { Model } from "./training/model-file.ts";
import { defaults } from "./training-spec.ts";
import type { Tuned } from "./tuning.ts";

/**
 * Experiments of the 2015 paper whose figures a report may show beside its own: no 3s in the
 * transfer set, only 7s and 8s, three percent of the data.
 */
export const paperExperiments = ["without-3", "only-7-and-8", "three-percent"] as const;
export type PaperExperiment = (typeof paperExperiments)[number];

/** How the students' training data differ from the teacher's. */
export interface TransferOptions {
  /** all samples; `data.train` itself if the students see all */
  readonly whole: Dataset;
  /** classes without samples in `data.train` */
  readonly withheld: readonly number[];
  /** "none": the distilled student gets no hard label; default "keep" */
  readonly labels?: "keep" | "none";
  /** default: no correction */
  readonly biasCorrection?: BiasCorrection;
  /**
   * of the student on all samples; default: as many steps as the others, and beside generated
   * samples no such student
   */
  readonly wholeEpochs?: number;
  /**
   * the students see no sample of `whole`, but these, made from the teacher alone; `data.train` is
   * then what promisedSamples gives
   */
  readonly generated?: GeneratedSpec;
  readonly paper?: PaperExperiment;
}

/** "whole": hard labels of all samples. */
export type TransferSystem = "whole" | ArmName;

export interface TransferRun {
  readonly seed: number;
  readonly job: JobResult;
  /** float32 [test samples, classes] */
  readonly testLogits: Float32Array;
  /** on the student's training samples that have a label; null if none has */
  readonly trainAccuracy: number | null;
  /** what was added to each class's logit; null for none */
  readonly bias: readonly number[] | null;
}

export interface TransferRow {
  readonly system: TransferSystem;
  readonly runs: readonly TransferRun[];
}

export interface TransferResult {
  readonly options: TransferOptions;
  readonly rows: readonly TransferRow[];
  /** different samples among generated ones; absent for samples of the data */
  readonly distinct?: number;
}

type Trained = ReadonlyMap<ArmName, readonly JobResult[]>;

/** Before and after the biases were corrected, and the student of all samples. */
export interface TransferStudents {
  /** empty where the students see all samples */
  readonly whole: readonly JobResult[];
  readonly uncorrected: Trained;
  readonly corrected: Trained;
  readonly biases: ReadonlyMap<JobResult, readonly number[]>;
}

/** @returns trainings that `transferStudents` adds to a run */
export function transferJobs({ transfer, data }: DistillOptions, seeds: readonly number[]): number {
  if (transfer === undefined || transfer.whole === data.train) return 0;
  const { generated, wholeEpochs } = transfer;
  return generated !== undefined && wholeEpochs === undefined ? 0 : seeds.length;
}

/** Trains the student of all samples, and corrects the biases of all others if asked to. */
export async function* transferStudents(
  { options, start }: ArmSources,
  jobs: RunJobs,
  seeds: readonly number[],
  { tuned, trained }: { readonly tuned: ReadonlyMap<ArmName, Tuned>; readonly trained: Trained },
): AsyncGenerator<DistillEvent, TransferStudents> {
  const whole: JobResult[] = [];
  if (transferJobs(options, seeds) > 0)
    for (const seed of seeds) whole.push(yield* jobs.run(wholeJob(options, seed, tuned, start)));
  const biases = new Map<JobResult, readonly number[]>();
  const { biasCorrection, withheld = [] } = options.transfer ?? {};
  if (biasCorrection === undefined)
    return { whole, uncorrected: trained, corrected: trained, biases };
  const corrected = new Map<ArmName, JobResult[]>();
  const { runtime, data } = options;
  const context = { runtime, validation: data.validation };
  for (const [arm, results] of trained) {
    corrected.set(arm, []);
    for (const each of results) {
      const { result, bias } = await correctBias(each, biasCorrection, withheld, context);
      corrected.get(arm)!.push(result); // set above
      biases.set(result, bias);
    }
  }
  return { whole, uncorrected: trained, corrected, biases };
}

/** Hard labels of all samples, with the learning rate of scratch where one was tuned. */
export function wholeJob(
  { data, student, training, transfer }: DistillOptions,
  seed: number,
  tuned: ReadonlyMap<ArmName, Tuned>,
  start?: Model,
): Job {
  const { whole: train, wholeEpochs } = transfer!; // asked only where there is one
  const steps = (training.epochs * data.train.length) / train.length;
  const epochs = wholeEpochs ?? Math.max(1, Math.round(steps));
  const learningRate =
    tuned.get("scratch")?.learningRate ?? training.learningRate ?? defaults.learningRate;
  const { validation } = data;
  return {
    id: `whole/seed-${seed}`,
    network: student,
    train,
    validation,
    training: { ...training, epochs, learningRate },
    seed,
    ...(start && { start: startWeights(start, { network: student, train, seed }) }),
  };
}

/**
 * @param size samples that the distilled student learns from; @param made how they were made in
 *   place of a training part; null where they are its own; @param show how numbers are written
 * @returns "400 training", or what was made in place of them
 */
export function trainingWords(
  size: number,
  made: { readonly generated?: GeneratedSpec["kind"]; readonly wholeSize: number } | null,
  show: (count: number) => string = String,
): string {
  const { generated, wholeSize = 0 } = made ?? {};
  if (generated === undefined) return `${show(size)} training`;
  const how = generated === "noise" ? "of noise" : "made from the teacher (impressions)";
  return `${show(size)} ${how} in place of ${show(wholeSize)} training`;
}

/** The test split's turn for what the report's other tables do not have. */
export async function measureTransfer(
  { runtime, data, transfer }: DistillOptions,
  seeds: readonly number[],
  students: TransferStudents,
): Promise<TransferResult | null> {
  if (transfer === undefined) return null;
  const { whole, uncorrected, corrected, biases } = students;
  const rows: TransferRow[] = [];
  const add = async (
    system: TransferSystem,
    results: readonly JobResult[],
    train: Dataset,
  ): Promise<void> => {
    const runs: TransferRun[] = [];
    const known = labelledSamples(train);
    for (const [index, job] of results.entries()) {
      const testLogits = await modelLogits(runtime, job.model, data.test);
      const trainAccuracy = known.labels.includes(UNLABELLED)
        ? null
        : accuracy(await modelLogits(runtime, job.model, known), known.labels);
      const bias = biases.get(job) ?? null;
      runs.push({ seed: seeds[index]!, job, testLogits, trainAccuracy, bias }); // one a seed
    }
    rows.push({ system, runs });
  };
  if (whole.length > 0) await add("whole", whole, transfer.whole);
  for (const arm of ["scratch", "distilled"] as const) {
    const before = uncorrected.get(arm);
    const after = corrected.get(arm);
    if (before !== undefined) await add(arm, before, data.train);
    if (after !== undefined && after !== before) await add(arm, after, data.train);
  }
  const isMade = transfer.generated !== undefined;
  return { options: transfer, rows, ...(isMade && { distinct: distinctSamples(data.train) }) };
}
