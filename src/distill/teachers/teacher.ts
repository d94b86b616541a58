/**
 * @file What a teacher is: anything that gives logits for samples. It runs once, while its soft
 * labels are written.
 */

import type {
  CombineMethod,
  Preprocessing,
  SampleDType,
  SoftLabelMember,
} from "../../data/index.ts";
import type { NetworkSummary } from "../../engine/nn/index.ts";
import type { Shape, Tensor } from "../../engine/tensor/index.ts";
import type { Model } from "../training/model-file.ts";

/** What is known of a teacher without running it. */
export interface TeacherDescription {
  /** shown in reports and messages */
  readonly name: string;
  /**
   * Identity, 64 hex digits or what the user gave for a function: the same hash means the same
   * answers. Covers the model file and how it is asked (output, kind, preprocessing, layout); of an
   * ensemble, its members' hashes in order.
   */
  readonly hash: string;
  /** one for a single model; a member's own hash is the SHA-256 of its model file */
  readonly members: readonly SoftLabelMember[];
  /** how the members become one distribution */
  readonly combine: CombineMethod;
  /** relative weight of each member, not negative; absent: equal */
  readonly weights?: readonly number[];
  readonly classCount: number;
  /** null if the teacher does not say */
  readonly classNames: readonly string[] | null;
  /** sums over the members; null where they cannot be known (a function) */
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly bytes: number | null;
  /** layer table; null for a foreign model */
  readonly summary: NetworkSummary | null;
}

/** Some samples of the data set, as stored (not preprocessed). */
export interface TeacherBatch {
  /**
   * uint8, float32 or int32 [n, ...sample shape]; their memory is used again when the question is
   * answered
   */
  readonly samples: Tensor<SampleDType>;
  /** content key of each sample, 32 hex digits */
  readonly keys: readonly string[];
  /** which augmentation view these are */
  readonly view: number;
  /** sample numbers in the data set, where they are known */
  readonly indices?: readonly number[];
  /** the data set's: how stored elements become what a network sees */
  readonly preprocessing?: Preprocessing;
  /** ends waiting for an answer */
  readonly signal?: AbortSignal;
}

/** How a teacher likes to be asked. */
export interface TeacherWorkload {
  /** samples in one batch; larger questions are cut into such */
  readonly batchSize: number;
  /**
   * batches that one question may hold, where it costs something to ask; default 1. Labels are the
   * same
   */
  readonly batchesPerQuestion?: number;
  /** questions that may be open at once */
  readonly concurrency: number;
  /** samples that an interruption may cost: the shard size of a package, unless said otherwise */
  readonly samplesPerShard: number;
  /**
   * false: the user says that the same question may be answered differently, so that this is not
   * checked
   */
  readonly isRepeatable: boolean;
}

/** Inner values of a teacher, opened beside it. */
export interface TeacherFeatures {
  /** of one sample, one for each layer that was asked for */
  readonly shapes: readonly Shape[];
  /** @returns of each layer float32 [n, ...shape] */
  readonly ask: (batch: TeacherBatch) => Promise<readonly Float32Array[]>;
  readonly close: () => Promise<void>;
}

export interface Teacher extends TeacherDescription {
  readonly workload: TeacherWorkload;
  /**
   * Temperature-free logits of every member: float32 [n, members, classes]. Log-probabilities where
   * a member only gives probabilities.
   *
   * @throws BackendError, DataError "teacher/..." if an answer is not as declared
   */
  readonly logits: (batch: TeacherBatch) => Promise<Float32Array>;
  /**
   * Opens what layers give, by their paths, or by the names of an .onnx file's tensors; absent for
   * a teacher that is not one such network.
   *
   * @param batchSize samples in a question, if the teacher's runs can be so large
   * @throws ConfigError "config/unknown-name"; DataError "teacher/answer" for a tensor that is no
   *   float32 [n, ...]
   */
  readonly features?: (layers: readonly string[], batchSize: number) => Promise<TeacherFeatures>;
  /**
   * the networks that it is made of, whose answers are combined as members are: they can be
   * differentiated. Absent where not all are Potstill's own
   */
  readonly models?: readonly Model[];
  /**
   * @returns the hash of what would answer now: differs from `hash` if the weights were changed
   *   meanwhile
   */
  readonly currentHash: () => string;
  /**
   * milliseconds of each of `runs` runs on one sample, one thread; absent where that is not known
   */
  readonly time?: (runs: number) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
}
