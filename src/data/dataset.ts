/**
 * @file The one interface to labelled (or unlabelled) samples that everything after loading sees.
 */

import type { DataOf, Preprocessing, SampleDType, Shape } from "../engine/tensor/index.ts";
import type { FrameEncoding } from "./audio/frame-encoding.ts";
import type { Recordings } from "./audio/recordings.ts";
import type { ShuffleBlocks } from "./shuffle-blocks.ts";

/** How text became token ids: what must be done to new text before a network sees it. */
export interface TextEncoding {
  /** token by id; 0 fills up short samples, 1 stands for every token that is not here */
  readonly vocabulary: readonly string[];
  /** tokens of a sample; longer texts are cut */
  readonly length: number;
}

/** Label of a sample whose class is not known. */
export const UNLABELLED = -1;

/** Samples of one shape, in a fixed order: what a network is fed. Immutable. */
export interface Samples {
  /** shown in reports: "digits", a file name, a folder name */
  readonly name: string;
  readonly dtype: SampleDType;
  /** of one sample, without the batch axis; images are [channels, height, width] */
  readonly shape: Shape;
  readonly preprocessing: Preprocessing;
  /** of samples that are text */
  readonly text?: TextEncoding | undefined;
  /** of samples that are frames of recordings; undefined: not known how they were made */
  readonly frames?: FrameEncoding | undefined;
  /** how epochs should be shuffled, so that samples that lie together on disk are used together */
  readonly shuffle?: ShuffleBlocks | undefined;
  /**
   * Copies samples, one after another, into `into` from element 0.
   *
   * @param indices sample numbers, any order, repeats allowed
   * @param into at least indices.length × elements-per-sample elements of this data set's dtype
   */
  readonly gather: (indices: Int32Array, into: DataOf[SampleDType]) => void | Promise<void>;
  /**
   * Content hash of one sample: the first 32 hex digits of SHA-256 over dtype, shape and bytes.
   * Equal samples have equal keys wherever they stand; labels do not enter.
   */
  readonly key: (index: number) => string;
  /**
   * Key of one sample's numbers: as `key`, with −0 taken as 0. Samples with equal ones are
   * identical. Default: `key`, for samples without −0
   */
  readonly valueKey?: ((index: number) => string) | undefined;
}

/** Samples with their classes. */
export interface Dataset extends Samples {
  readonly length: number;
  readonly classNames: readonly string[];
  /** class index per sample, or UNLABELLED */
  readonly labels: Int32Array;
  /** group of each sample (speaker, device, recording), or null */
  readonly groups: readonly string[] | null;
  /**
   * samples of one group are nearly the same (windows of a recording): the set can be split only by
   * group; default false
   */
  readonly wholeGroups?: boolean | undefined;
  /**
   * groups are named within this set alone (file paths, places): an equal name in another set means
   * nothing; default false
   */
  readonly localGroups?: boolean | undefined;
  /**
   * a part that was split off sample by sample, on purpose: its groups may stand in the other parts
   * too; default false
   */
  readonly splitBySample?: boolean | undefined;
  /** of samples that are frames of recordings */
  readonly recordings?: Recordings | undefined;
  /**
   * what the teacher sees of these samples, in the same order: see `withTeacherInputs`. Default:
   * the samples themselves
   */
  readonly teacherInputs?: Samples | undefined;
  /**
   * Content hash of the whole set: SHA-256 (64 hex digits) over dtype, shape, preprocessing, class
   * names, and key + label of each sample in order; of what the teacher sees nothing.
   */
  readonly hash: () => string;
}
