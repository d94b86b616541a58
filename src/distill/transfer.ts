/**
 * @file Students that see only part of what their teacher saw, and the student of all samples
 * beside them.
 */

import type { Dataset } from "../data/index.ts";
import type { BiasCorrection } from "./class-bias.ts";
import type { GeneratedSpec } from "./data-free/generated-spec.ts";
import type { JobResult } from "./job.ts";
import type { ArmName, DistillOptions } from "./options.ts";

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

/** @returns whether students of all samples stand beside the others */
export function isTransferred({
  transfer,
  data,
}: Pick<DistillOptions, "transfer" | "data">): boolean {
  if (transfer === undefined || transfer.whole === data.train) return false;
  return transfer.generated === undefined || transfer.wholeEpochs !== undefined;
}

/** @returns epochs of the student of all samples: as many steps as the others have, or as asked */
export function wholeEpochsOf({ training, transfer, data }: DistillOptions): number {
  const { whole, wholeEpochs } = transfer!; // asked only where there is one
  const steps = (training.epochs * data.train.length) / whole.length;
  return wholeEpochs ?? Math.max(1, Math.round(steps));
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
