/** @file What a sweep hands over to be reported. */

import type { Groups } from "../../distill/metrics/index.ts";
import type { CreatedBy, Json } from "./input.ts";

/** One training. */
export interface SweepRunInput {
  readonly seed: number;
  /** uint8 [validation samples], 1 where correct, with the weights that were kept */
  readonly correct: Uint8Array;
  /** validation accuracy after each epoch, the first being epoch 1 */
  readonly curve: readonly number[];
}

/** One combination of the axes' values. */
export interface SweepPointInput {
  /** "T=4 student.width=300" */
  readonly name: string;
  /** one an axis */
  readonly values: readonly Json[];
  /** the student's network; points of equal ones are compared with each other too */
  readonly student: Json;
  /** that its trainings had: fewer for what successive halving dropped */
  readonly epochs: number;
  /** that its recipe asks for */
  readonly wholeEpochs: number;
  /** peak of the schedule; null where it was not looked up */
  readonly learningRate: number | null;
  readonly parameters: number;
  /** multiply-accumulates for one sample */
  readonly macs: number;
  /** of its ONNX file */
  readonly bytes: number;
  /** median of single samples on one thread; null if it was not measured */
  readonly latencyMs: number | null;
  /** one a seed, in their order; empty if one of them failed */
  readonly runs: readonly SweepRunInput[];
  /** the same student on hard labels alone; null if it was not asked for */
  readonly scratch: readonly SweepRunInput[] | null;
  /** why there are no runs */
  readonly failure: string | null;
}

/** The winner on the test split, looked at once. */
export interface SweepTestInput {
  /** uint8 [test samples] of each seed */
  readonly correct: readonly Uint8Array[];
  /** of the same student without a teacher, if it was asked for */
  readonly scratch: readonly Uint8Array[] | null;
  /** group of each test sample; null or absent where they have none */
  readonly groups?: Groups;
}

export interface SweepInput {
  readonly title: string;
  readonly createdBy: CreatedBy;
  readonly commandLine: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly Json[] }[];
  readonly seeds: readonly number[];
  readonly validationSize: number;
  /** group of each validation sample; null or absent where they have none */
  readonly validationGroups?: Groups;
  readonly points: readonly SweepPointInput[];
  /** soft-label packages that were made: points with the same teacher and views share one */
  readonly packages: number;
  readonly test: SweepTestInput | null;
}
