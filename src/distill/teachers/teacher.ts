/** @file What a teacher is: anything that gives logits for samples. It runs once, while its soft labels are written. */

import type { CombineMethod, SoftLabelMember } from "../../data/index.ts";
import type { NetworkSummary } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/** What is known of a teacher without running it. */
export interface TeacherDescription {
  /** shown in reports and messages */
  readonly name: string;
  /** identity: SHA-256 of the model file, of all members' hashes, or what the user gave for a function */
  readonly hash: string;
  /** one for a single model */
  readonly members: readonly SoftLabelMember[];
  /** how the members become one distribution */
  readonly combine: CombineMethod;
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
  /** uint8 or float32 [n, ...sample shape] */
  readonly samples: Tensor<"uint8" | "float32">;
  /** content key of each sample, 32 hex digits */
  readonly keys: readonly string[];
  /** which augmentation view these are */
  readonly view: number;
}

export interface Teacher extends TeacherDescription {
  /**
   * Temperature-free logits of every member: float32 [n, members, classes]. Log-probabilities where a member only gives
   * probabilities.
   *
   * @throws BackendError, DataError "teacher/..." if an answer is not as declared
   */
  readonly logits: (batch: TeacherBatch) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}
