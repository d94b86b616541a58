/** @file What a distillation run is asked to do, and what it gives back. */

import type {
  Augmentation,
  CombineMethod,
  Dataset,
  SoftLabelManifest,
  SoftLabelPrecision,
  SoftLabels,
  Store,
} from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import type { JobResult } from "./job.ts";
import type { DistillationLoss } from "./objective.ts";
import type { RecognitionOptions, RecognitionResult } from "./recognition/index.ts";
import type { StudentSearch } from "./search/plan-search.ts";
import type { SearchResult } from "./search/search-student.ts";
import type { SpecialistsSpec } from "./specialists/index.ts";
import type { TeacherParts } from "./teacher-parts.ts";
import type { Teacher, TeacherDescription } from "./teachers/teacher.ts";
import type { Model } from "./training/model-file.ts";
import type { DistillationSpec, TrainingSpec } from "./training-spec.ts";
import type { TransferOptions, TransferResult } from "./transfer.ts";

/**
 * The students that are compared: all have the same network, initial weights and number of epochs.
 */
export const armNames = ["distilled", "scratch", "scratchAugmented", "scratchSmoothed"] as const;
export type ArmName = (typeof armNames)[number];

/** A teacher that is trained first. */
export interface TrainedTeacher {
  readonly network: NetworkSpec;
  readonly training: TrainingSpec;
  /** members of an ensemble, which differ by seed; default 1 */
  readonly members?: number;
  readonly combine?: CombineMethod;
  /** of the members; default equal */
  readonly weights?: MemberWeights;
  /** default: the student's training data */
  readonly data?: Dataset;
}

/**
 * Relative weight of each member network, not negative; or "validation": those that minimise the
 * ensemble's negative log-likelihood on the validation split.
 */
export type MemberWeights = readonly number[] | "validation";

type TrainSource = { readonly kind: "train"; readonly teacher: TrainedTeacher };
type GivenSource = { readonly kind: "given"; readonly teacher: Teacher };

/** Several teachers as one: trained here or given, of any architectures. */
export interface EnsembleSource {
  readonly kind: "ensemble";
  /**
   * networks that are trained here count one by one; a given ensemble, which has the same
   * combination, counts as one member, divided by its own weights
   */
  readonly members: readonly (TrainSource | GivenSource)[];
  /** default arithmetic */
  readonly combine?: CombineMethod | undefined;
  readonly weights?: MemberWeights | undefined;
}

/** A generalist, trained first or given, and the specialists that are trained from it. */
export interface SpecialistsSource {
  readonly kind: "specialists";
  readonly generalist: TrainSource | { readonly kind: "model"; readonly model: Model };
  readonly specialists: SpecialistsSpec;
  /** of the specialists; default: the generalist's, and the student's training data without it */
  readonly data?: Dataset;
}

/** A teacher to train, a teacher that is there, or its soft labels alone. */
export type TeacherSource =
  | TrainSource
  | GivenSource
  | EnsembleSource
  | SpecialistsSource
  | { readonly kind: "softLabels"; readonly softLabels: SoftLabels };

/** How the teacher's soft labels are made. */
export interface LabelSpec {
  /** default float16 */
  readonly precision?: SoftLabelPrecision;
  /** augmented views of each sample; default 1 */
  readonly views?: number;
  /** what the views are; without it the samples themselves are labelled */
  readonly augmentation?: Augmentation;
  /** of the views; default 0 */
  readonly seed?: number;
  /** keep the samples in the package too; default false */
  readonly withInputs?: boolean;
  /**
   * "each" (default): every member's logits, so that other combinations and temperatures can be
   * tried without the teacher; "averaged": one vector a sample, combined at T = 1. It is smaller by
   * the number of members, and lossy: the arithmetic mean at another temperature is no function of
   * it
   */
  readonly members?: "each" | "averaged";
}

/** Which settings each arm tries on the validation split: all arms the same number. */
export interface TuningSpec {
  /** values of the learning rate schedule; each arm tries each once and keeps the best */
  readonly learningRates?: readonly number[];
}

export interface DistillOptions {
  readonly runtime: Runtime;
  readonly data: { readonly train: Dataset; readonly validation: Dataset; readonly test: Dataset };
  readonly teacher: TeacherSource;
  /**
   * names of the classes that the teacher knows, in the order of its logits, where these are not
   * all of the data's. Students are then taught over these alone, a teacher that is trained here is
   * trained on their samples alone, and its results count them alone. Default: all
   */
  readonly teacherClasses?: readonly string[] | undefined;
  /** of the comparison; with a search what is varied */
  readonly student: NetworkSpec;
  /** find the student first: the best under a budget; default none */
  readonly search?: StudentSearch;
  /**
   * what students of all arms start from instead of drawn weights: a model of the same network and
   * of the same classes or some of them, as `extendClasses`; "teacher": the network that is trained
   * here as the teacher
   */
  readonly start?: Model | "teacher";
  readonly training: TrainingSpec;
  readonly distillation?: DistillationSpec;
  /** students that see part of what the teacher saw; default: all of it */
  readonly transfer?: TransferOptions;
  /** a loss of the user's own in place of the named one */
  readonly loss?: DistillationLoss;
  readonly labels?: LabelSpec;
  /** default 1 … 5 */
  readonly seeds?: readonly number[];
  /** default all four */
  readonly arms?: readonly ArmName[];
  readonly tuning?: TuningSpec;
  /** measure whether the student converges quicker; default false */
  readonly convergence?: { readonly seeds: number; readonly learningRates: readonly number[] };
  /** measure what each precision of the soft labels costs; default false */
  readonly precisions?: boolean;
  /** count word errors, of acoustic models; default: frames alone */
  readonly recognition?: RecognitionOptions;
  /** let the student have more parameters than the teacher; default false */
  readonly allowLargerStudent?: boolean;
  /** results and checkpoints are kept there under the ids of their tasks, and found again */
  readonly store?: Store;
  readonly signal?: AbortSignal;
  readonly createdBy: string;
  readonly checkpointExtra?: () => unknown;
  readonly checkpointSeconds?: number;
  readonly keepCheckpoints?: number;
  /** memory that a training step may take; a larger one is refused before work starts */
  readonly memoryBytes?: number;
}

/** One of the checks that every run makes of itself. */
export interface SelfCheck {
  readonly id: string;
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

export interface Trial {
  readonly learningRate: number;
  readonly validationAccuracy: number;
}

/** Of a single sample on one thread, milliseconds: median and 95th percentile. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

export interface ArmRun {
  readonly seed: number;
  readonly job: JobResult;
  /** float32 [test samples, classes] */
  readonly testLogits: Float32Array;
  readonly latencyMs: Latency;
}

export interface ArmResult {
  readonly arm: ArmName;
  readonly description: string;
  readonly trials: readonly Trial[];
  readonly chosen: number;
  readonly runs: readonly ArmRun[];
}

export interface ConvergenceRun {
  readonly arm: "distilled" | "scratch";
  readonly seed: number;
  readonly learningRate: number;
  readonly job: JobResult;
}

export interface PrecisionRow {
  readonly precision: SoftLabelPrecision;
  readonly bytes: number;
  /** test accuracy of the student trained from it */
  readonly studentAccuracy: number;
  /** mean KL(teacher ‖ that student) at T = 1 on the test samples, nats */
  readonly studentKlNats: number;
  /** mean KL(teacher ‖ stored) at T = 1, nats */
  readonly klNats: number;
}

/** The student as a file. */
export interface ExportedStudent {
  readonly bytes: Uint8Array;
  readonly opset: number;
  /**
   * largest difference between the file's logits and the trained graph's on the validation split
   */
  readonly maxDifference: number;
  /** which of the distilled runs it is: the best on validation */
  readonly seed: number;
}

export interface DistillResult {
  /** what the distilled student learned from: `data.train`, or the samples that were generated */
  readonly train: Dataset;
  readonly teacher: TeacherDescription | null;
  /** networks that were trained to be it: "teacher", "teacher/member-1", "teacher/generalist" */
  readonly teacherModels: readonly { readonly name: string; readonly model: Model }[];
  /**
   * float32 [test samples, classes], of the teacher's classes where the manifest names such: the
   * teacher's effective logits at T = 1: one member's own, or
   * the combination's log-probabilities, or logits where logits are averaged or classes are
   * independent (sigmoid members); null if only its soft labels were there
   */
  readonly teacherTestLogits: Float32Array | null;
  /** an ensemble's members, or a generalist; null for a teacher of one part */
  readonly teacherParts: TeacherParts | null;
  /** null for teachers that were not trained in this run */
  readonly teacherLatencyMs: Latency | null;
  readonly arms: readonly ArmResult[];
  readonly softLabels: SoftLabels;
  readonly manifest: SoftLabelManifest;
  /** time spent on labelling; 0 if the package was there */
  readonly labellingSeconds: number;
  readonly seeds: readonly number[];
  readonly seedVaries: string;
  /** of the model that was given for students to start from; null for none */
  readonly startHash: string | null;
  readonly checks: readonly SelfCheck[];
  readonly convergence: readonly ConvergenceRun[];
  readonly precisions: readonly PrecisionRow[];
  /** null where the student was given */
  readonly search: SearchResult | null;
  /** null for students that see what their teacher saw */
  readonly transfer: TransferResult | null;
  /** null unless word errors were asked for */
  readonly recognition: RecognitionResult | null;
  readonly student: ExportedStudent;
}
