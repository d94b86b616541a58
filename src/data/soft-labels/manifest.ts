/** @file What manifest.json and progress.json of a soft-label package say. */

import type { Preprocessing, SampleDType, Shape } from "../../engine/tensor/index.ts";
import type { FrameEncoding } from "../audio/frame-encoding.ts";
import type { TextEncoding } from "../dataset.ts";

/** How logits are stored. float16 keeps 11 significant bits; int8 is affine per row of classes. */
export type SoftLabelPrecision = (typeof softLabelPrecisions)[number];
export const softLabelPrecisions = ["float16", "float32", "int8"] as const;

/**
 * What a member's stored numbers are: `logits` (softmax gives its probabilities),
 * `log-probabilities` (log p of a teacher that only gives p; softmax(log p / T) is exact),
 * `sigmoid` (one independent logit per class).
 */
export type MemberKind = "logits" | "log-probabilities" | "sigmoid";

/**
 * How members become one teacher: mean of probabilities, normalised mean of log-probabilities, or
 * mean of logits.
 */
export type CombineMethod = "arithmetic" | "geometric" | "logits";

/** Values that JSON can hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** One teacher network. */
export interface SoftLabelMember {
  readonly name: string;
  /** SHA-256 of the model file, or another fixed identity of a teacher that has no file */
  readonly hash: string;
  readonly kind: MemberKind;
}

/** Groups of the samples, so that a package's samples are split as the data themselves are. */
export interface SoftLabelGroups {
  /** all different; shards hold each sample's number in this list */
  readonly names: readonly string[];
  /** as `Dataset.wholeGroups` */
  readonly whole: boolean;
  /** as `Dataset.localGroups` */
  readonly local: boolean;
}

/** What the teacher saw in place of the samples: see `withTeacherInputs`. */
export interface SeenInputs {
  readonly name: string;
  /** `Dataset.hash()` of them, with the data's labels */
  readonly hash: string;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
}

/** What is known before the first sample is labelled. */
export interface SoftLabelHeader {
  readonly precision: SoftLabelPrecision;
  /** of the data: what labels are indices of */
  readonly classNames: readonly string[];
  /**
   * what the logits are of, in their order, where the teacher knows some of these classes alone;
   * absent: all of them, in their order
   */
  readonly teacherClasses?: readonly string[];
  /** at least one; a package of an ensemble holds every member's logits */
  readonly members: readonly SoftLabelMember[];
  readonly combine: CombineMethod;
  /** relative weight of each member, not negative; absent: equal */
  readonly weights?: readonly number[];
  readonly teacherHash: string;
  /** `Dataset.hash()` of the labelled data, in their order */
  readonly dataHash: string;
  readonly dataName: string;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
  readonly preprocessing: Preprocessing;
  /**
   * View v of a sample is a function of (seed, sample, v) under this augmentation; null: view 0 is
   * the sample itself.
   */
  readonly views: {
    readonly count: number;
    readonly seed: number;
    readonly augmentation: Json;
  };
  readonly withInputs: boolean;
  /** of a package with inputs, where the data have groups: see `Dataset` */
  readonly groups?: SoftLabelGroups;
  /** of samples that are text */
  readonly text?: TextEncoding;
  /** of samples that are frames: see `Dataset` */
  readonly frames?: FrameEncoding;
  /** absent where the teacher saw the samples themselves */
  readonly teacherInputs?: SeenInputs;
  /** how the samples were made from the teacher, in full; absent for samples of data */
  readonly generated?: Json;
  readonly sampleCount: number;
  /** the tool and its version */
  readonly createdBy: string;
}

/** One shard file. */
export interface SoftLabelShard {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly samples: number;
  /** samples with a label */
  readonly labelled: number;
  /**
   * labelled samples that the teacher had right when it was asked: combined, T = 1, view 0, logits
   * not yet rounded
   */
  readonly correct: number;
}

/**
 * The header with the shape of the shards: what must be equal for labelling to go on where it
 * stopped.
 */
export interface SoftLabelPlan extends SoftLabelHeader {
  readonly samplesPerShard: number;
}

/** manifest.json */
export interface SoftLabelManifest extends SoftLabelPlan {
  readonly format: "potstill-soft-labels";
  readonly version: 1;
  /** logits of a member: the number of the teacher's classes */
  readonly classCount: number;
  readonly shards: readonly SoftLabelShard[];
}

/** progress.json: what is already written; there only while labelling is under way. */
export interface SoftLabelProgress {
  readonly format: "potstill-soft-labels-progress";
  readonly version: 1;
  readonly plan: SoftLabelPlan;
  readonly shards: readonly SoftLabelShard[];
}
