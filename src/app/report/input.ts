/** @file What a distillation run hands over to be reported: raw results, no judgement yet. */

import type {
  RecognitionResult,
  SearchResult,
  TeacherParts,
  TransferResult,
} from "../../distill/index.ts";
import type { Groups } from "../../distill/metrics/index.ts";
import type { NetworkSummary } from "../../engine/nn/index.ts";

/** Anything JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The four students that are compared, in the order of the report. */
export const armNames = ["distilled", "scratch", "scratchAugmented", "scratchSmoothed"] as const;
export type ArmName = (typeof armNames)[number];

/** What made the results, so that they can be made again. */
export interface CreatedBy {
  /** this package's version */
  readonly version: string;
  /** which runtime executed the graphs ("onnxruntime-node"), and its version */
  readonly runtime: string;
  readonly runtimeVersion: string;
  /** threads the runtime used in training */
  readonly threads: number;
  /** version of Node, where there is one */
  readonly node?: string;
  readonly cpu?: string;
}

export interface DataInput {
  readonly name: string;
  /** content hash of the whole data set */
  readonly hash: string;
  /** of one sample, without the batch axis: [channels, height, width] or [features] */
  readonly sampleShape: readonly number[];
  readonly classNames: readonly string[];
  readonly trainSize: number;
  readonly validationSize: number;
  readonly testSize: number;
  /** samples the teacher labelled for the student */
  readonly transferSize: number;
  /** of these, the ones without a hard label */
  readonly unlabelledCount: number;
}

/** What a model is, apart from its results. */
export interface ModelInput {
  readonly name: string;
  /** one sentence: how it was trained, or where it comes from */
  readonly description: string;
  /** null for a foreign model, whose layers are not known */
  readonly summary: NetworkSummary | null;
  readonly parameters: number | null;
  /** multiply-accumulates for one sample */
  readonly macs: number | null;
  /** of its ONNX file; of all files for an ensemble; null for a teacher that is not a file */
  readonly bytes: number | null;
}

/** Single-sample latency in the inference runtime, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

export interface TeacherInput extends ModelInput {
  /**
   * float32 [test samples, classes], logits or log-probabilities, of independent classes logits:
   * one for each seed where a teacher was trained a seed, or exactly one where every seed had the
   * same teacher.
   */
  readonly testLogits: readonly Float32Array[];
  /** of its logits, in their order, where it knows some of the data's alone; absent: the data's */
  readonly classNames?: readonly string[];
  /** its classes are independent, a logit each, none a part of one distribution; default false */
  readonly isSigmoid?: boolean;
  readonly latencyMs: Latency | null;
}

/** One epoch of one run. */
export interface CurvePoint {
  /** counted from 1 */
  readonly epoch: number;
  /** share of the validation split, 0 … 1 */
  readonly validationAccuracy: number;
  /** mean negative log-likelihood of the validation split, nats */
  readonly validationLoss: number;
  /** mean of each loss term over the epoch, before its weight; the same names in every epoch */
  readonly train: Readonly<Record<string, number>>;
  /** wall-clock seconds of the epoch */
  readonly seconds: number;
}

/** One arm's run with one seed. */
export interface SeedInput {
  readonly seed: number;
  /** float32 [test samples, classes] */
  readonly testLogits: Float32Array;
  readonly curve: readonly CurvePoint[];
  readonly latencyMs: Latency | null;
}

export interface TuningTrial {
  readonly settings: { readonly [name: string]: Json };
  readonly validationAccuracy: number;
}

export interface Tuning {
  readonly trials: readonly TuningTrial[];
  /** index of the trial whose settings were used */
  readonly chosen: number;
}

export interface ArmInput extends ModelInput {
  readonly arm: ArmName;
  readonly tuning: Tuning;
  /** one for each of `ReportInput.seeds`, in their order */
  readonly perSeed: readonly SeedInput[];
}

/** One run of the convergence comparison: constant learning rate, tuned for the arm. */
export interface ConvergenceRun {
  readonly arm: ArmName;
  readonly seed: number;
  readonly learningRate: number;
  /** after each epoch, the first being epoch 1 */
  readonly validationAccuracy: readonly number[];
  /** wall-clock seconds of each epoch */
  readonly epochSeconds: readonly number[];
}

export interface ConvergenceInput {
  /** "distilled" and "scratch" with the same seeds */
  readonly runs: readonly ConvergenceRun[];
  /** what the teacher took to label the transfer set */
  readonly labellingSeconds: number;
}

/** What storing the soft labels at a precision costs the student. */
export interface SoftLabelRow {
  readonly precision: string;
  /** size of the package's shards */
  readonly bytes: number;
  /** test accuracy of the student trained from it, 0 … 1 */
  readonly studentAccuracy: number;
  /** mean KL(teacher ‖ that student) at T = 1 on the test samples, nats */
  readonly studentKlNats: number;
  /** mean KL(teacher ‖ stored soft labels) at T = 1, nats */
  readonly klNats: number;
}

/** A sample to show with its teacher's opinion. */
export interface ExplorerSample {
  /** uint8 in the order of `shape`; null where the sample cannot be shown as a picture */
  readonly pixels: Uint8Array | null;
  /** [1 | 3, height, width] for pictures */
  readonly shape: readonly number[];
  /** −1 for an unlabelled sample */
  readonly label: number;
  /** float32 [classes], logits or log-probabilities; logits of independent classes */
  readonly teacherLogits: Float32Array;
}

export interface SelfCheck {
  /** "J1" … "J9" */
  readonly id: string;
  /** what is checked, in a few words */
  readonly name: string;
  readonly passed: boolean;
  /** the numbers that decided it */
  readonly detail: string;
}

export interface ExportInput {
  readonly file: string;
  readonly format: string;
  readonly bytes: number;
  /**
   * how far the file's outputs are from the trained graph's, as a sentence; null if not measured
   */
  readonly parity: string | null;
}

export interface ReportInput {
  readonly title: string;
  readonly createdBy: CreatedBy;
  /** the resolved recipe */
  readonly recipe: Json;
  readonly commandLine: string;
  /** of the model that was given for students to start from; null or absent for none */
  readonly startHash?: string | null;
  readonly data: DataInput;
  readonly seeds: readonly number[];
  /** a sentence: what another seed changes */
  readonly seedVaries: string;
  readonly teacher: TeacherInput;
  /** "distilled" at least; each name once */
  readonly arms: readonly ArmInput[];
  /** int32 [test samples] */
  readonly testLabels: Int32Array;
  /** group of each test sample (speaker, recording); null or absent where they have none */
  readonly testGroups?: Groups;
  readonly softLabels: readonly SoftLabelRow[] | null;
  readonly convergence: ConvergenceInput | null;
  /** students that saw part of what their teacher saw; null where they saw all */
  readonly transfer?: TransferResult | null;
  /** an ensemble's members, or a generalist; null or absent for a teacher of one part */
  readonly teacherParts?: TeacherParts | null;
  /** null or absent where frames were not decoded to words */
  readonly recognition?: RecognitionResult | null;
  /** group of each test recording; null or absent where each is a group of its own */
  readonly recordingGroups?: Groups;
  /** null or absent where the student was given */
  readonly search?: SearchResult | null;
  readonly explorer: readonly ExplorerSample[];
  readonly selfChecks: readonly SelfCheck[];
  readonly exports: readonly ExportInput[];
  readonly notes: readonly string[];
}
