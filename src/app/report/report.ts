/**
 * @file The report as plain data: what report.json holds, and what every rendering is made from.
 */

import type { ClassScores, Interval, ReliabilityBin } from "../../distill/metrics/index.ts";
import type { LayerSummary } from "../../engine/nn/index.ts";
import type {
  ArmName,
  CreatedBy,
  CurvePoint,
  DataInput,
  ExportInput,
  Json,
  Latency,
  SelfCheck,
  SoftLabelRow,
  Tuning,
} from "./input.ts";
import type { RecognitionReport } from "./recognition-report.ts";
import type { SearchReport } from "./search-report.ts";
import type { EnsembleReport, SpecialistsReport } from "./teacher-parts-report.ts";
import type { TransferReport } from "./transfer-report.ts";

/** A value for each seed, and their mean. */
export interface PerSeed {
  readonly mean: number;
  /** in the order of the report's seeds; a single value where every seed had the same model */
  readonly perSeed: readonly number[];
}

export interface TestResults {
  /** shares in 0 … 1; low and high from a bootstrap over seeds and test samples, or their groups */
  readonly accuracy: Interval & PerSeed;
  /** wrongly classified test samples */
  readonly errors: PerSeed;
  /** share of samples with the label among the k largest scores */
  readonly topK: PerSeed & { readonly k: number };
  readonly negativeLogLikelihood: PerSeed;
  /** expected calibration error of each seed, and the bins of all seeds together */
  readonly calibration: { readonly error: PerSeed; readonly bins: readonly ReliabilityBin[] };
  /** [label][predicted] counts over all seeds: adds up to samples × seeds */
  readonly confusion: readonly (readonly number[])[];
  /** from that matrix */
  readonly perClass: readonly (ClassScores & { readonly name: string })[];
}

/** A student against its teacher on the test split. */
export interface TeacherMatch {
  /** share of samples for which both name the same class */
  readonly agreement: PerSeed;
  /** mean KL(teacher ‖ student) at T = 1, nats; of independent classes summed over the classes */
  readonly klNats: PerSeed;
}

export interface ModelReport {
  readonly name: string;
  readonly description: string;
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly bytes: number | null;
  /** teacher's bytes / these bytes; null where either is unknown */
  readonly compressionRatio: number | null;
  readonly layers: readonly LayerSummary[] | null;
  readonly latencyMs: Latency | null;
  readonly test: TestResults;
}

export interface TeacherReport extends ModelReport {
  /**
   * those that it knows, where these are not all of the data's, and how many test samples they
   * have: what `test`, and `toTeacher` of the students, are measured on; null: all
   */
  readonly classes: { readonly names: readonly string[]; readonly testSize: number } | null;
  /** its classes are independent: softmax is not its distribution */
  readonly isSigmoid: boolean;
}

export interface StudentReport extends ModelReport {
  readonly toTeacher: TeacherMatch;
  readonly tuning: Tuning;
  readonly curves: readonly { readonly seed: number; readonly epochs: readonly CurvePoint[] }[];
}

/**
 * Paired difference of two arms' test accuracies, distilled minus the other, as shares in −1 … 1.
 */
export interface Comparison {
  readonly diff: number;
  /** 95 % interval from a bootstrap over seeds and test samples, or their groups; see Interval */
  readonly low: number | null;
  readonly high: number | null;
  /** of each seed, in their order */
  readonly perSeed: readonly number[];
}

/**
 * `too-few-groups`: the test samples belong to fewer than three; `not-compared`: no student was
 * trained from scratch.
 */
export type Outcome =
  | "helped"
  | "no-measurable-difference"
  | "hurt"
  | "single-seed"
  | "too-few-groups"
  | "not-compared";

export interface Verdict {
  readonly outcome: Outcome;
  readonly sentence: string;
}

export type ConvergenceOutcome = "quicker" | "not quicker" | "undecided";

/** One seed of the convergence comparison. */
export interface ConvergenceSeed {
  readonly seed: number;
  /** best validation accuracy of scratch: what both have to reach */
  readonly target: number;
  /**
   * the first epoch from which the distilled student stays at or above the target; null if it ends
   * below
   */
  readonly distilledEpoch: number | null;
  /** the epoch in which scratch first had its best */
  readonly scratchEpoch: number;
  /** seconds of training up to these epochs */
  readonly distilledSeconds: number | null;
  /** the same with the labelling of the transfer set */
  readonly distilledSecondsWithLabelling: number | null;
  readonly scratchSeconds: number;
  /** mean validation accuracy over the epochs (trapezoid area / width) */
  readonly distilledArea: number;
  readonly scratchArea: number;
}

export interface ConvergenceReport {
  readonly outcome: ConvergenceOutcome;
  readonly sentence: string;
  readonly perSeed: readonly ConvergenceSeed[];
  /** distilled − scratch, with an interval over seeds */
  readonly areaDifference: Interval;
  readonly labellingSeconds: number;
  readonly runs: readonly {
    readonly arm: ArmName;
    readonly seed: number;
    readonly learningRate: number;
    readonly validationAccuracy: readonly number[];
  }[];
}

export interface ExplorerEntry {
  /** PNG as a data URI; null where the sample is not a picture */
  readonly image: string | null;
  /** class name; null for an unlabelled sample */
  readonly label: string | null;
  readonly distributions: readonly {
    readonly temperature: number;
    /** softmax(logits / T), one a class; of independent classes σ(logits / T) */
    readonly probabilities: readonly number[];
  }[];
}

/** What `report.json` holds. */
export interface Report {
  readonly formatVersion: 1;
  readonly title: string;
  readonly verdict: Verdict;
  readonly comparisons: {
    /** null, as the others, where that arm was not run */
    readonly distilledVsScratch: Comparison | null;
    readonly distilledVsScratchAugmented: Comparison | null;
    readonly distilledVsScratchSmoothed: Comparison | null;
  };
  readonly models: {
    readonly teacher: TeacherReport;
    readonly distilled: StudentReport;
    readonly scratch: StudentReport | null;
    readonly scratchAugmented: StudentReport | null;
    readonly scratchSmoothed: StudentReport | null;
  };
  readonly convergence: ConvergenceReport | null;
  readonly transfer: TransferReport | null;
  /** null unless the teacher is an ensemble */
  readonly ensemble: EnsembleReport | null;
  /** null unless it is a generalist with specialists */
  readonly specialists: SpecialistsReport | null;
  /** null where frames were not decoded to words */
  readonly recognition: RecognitionReport | null;
  /** null where the student was given */
  readonly search: SearchReport | null;
  readonly softLabels: readonly SoftLabelRow[] | null;
  readonly explorer: readonly ExplorerEntry[];
  readonly selfChecks: readonly SelfCheck[];
  readonly exports: readonly ExportInput[];
  readonly data: DataInput;
  /** groups of test samples that intervals resample whole; null: each sample by itself */
  readonly testGroups: number | null;
  readonly seeds: readonly number[];
  readonly seedVaries: string;
  readonly createdBy: CreatedBy;
  readonly commandLine: string;
  /** of the model that was given for students to start from; absent for none */
  readonly startHash?: string;
  readonly recipe: Json;
  readonly notes: readonly string[];
}
