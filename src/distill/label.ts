/** @file Runs the teacher once over a data set and writes its soft labels as a package. */

import {
  type Augmentation,
  type Dataset,
  type Json,
  knownClasses,
  openSoftLabelWriter,
  type SoftLabelHeader,
  type SoftLabelManifest,
  type SoftLabelPrecision,
  type Store,
  seenByTeacher,
} from "../data/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import { type GeneratedSpec, settledSpec } from "./data-free/generated-spec.ts";
import { labelBatches } from "./label-batches.ts";
import { indexRange, sampleReader } from "./sample-reader.ts";
import {
  assertNotAborted,
  assertTeacherClasses,
  assertTeacherUnchanged,
  repeatedLogits,
  type Teacher,
} from "./teachers/index.ts";

/** Augmented views to label beside, or instead of, the samples themselves. */
export interface LabelViews {
  /** K ≥ 1 views of each sample; epoch e trains on view e mod K */
  readonly count: number;
  readonly seed: number;
  /** null: one view, the sample itself */
  readonly augmentation: Augmentation | null;
}

export interface LabelOptions {
  readonly teacher: Teacher;
  readonly dataset: Dataset;
  /** how the samples were made from the teacher, for the manifest; default: they were not */
  readonly generated?: GeneratedSpec;
  /**
   * names of the classes that the teacher knows, in the order of its logits, where these are not
   * all of the data's; default: the data's
   */
  readonly teacherClasses?: readonly string[];
  /** empty, or holding an earlier start of the same package */
  readonly store: Store;
  /** default float16 */
  readonly precision?: SoftLabelPrecision;
  /** default: one view, not augmented */
  readonly views?: LabelViews;
  /** true puts the samples in too, so that the package alone suffices elsewhere; default false */
  readonly withInputs?: boolean;
  /** default: what the teacher's workload says */
  readonly samplesPerShard?: number;
  /**
   * samples in one question; default: what the teacher's workload says, where several batches may
   * make a question
   */
  readonly batchSize?: number;
  /** the tool and its version, for the manifest; default "potstill" */
  readonly createdBy?: string;
  /** stops the work; finished shards stay */
  readonly signal?: AbortSignal;
}

/** How far labelling is. The first one comes when the teacher has answered twice alike. */
export interface LabelEvent {
  readonly type: "label";
  /** samples labelled, those of an earlier start included */
  readonly done: number;
  readonly total: number;
  /** of this start; 0 before the first batch */
  readonly samplesPerSecond: number;
}

const noViews: LabelViews = { count: 1, seed: 0, augmentation: null };

/**
 * Labels every sample of a data set, in its order; the teacher is asked about its own inputs, where
 * the data set has such. The package's bytes are a function of teacher,
 * data set and options: not of interruptions, nor of the order in which answers arrive. (Another
 * batch size or thread count may change the last bits of a network's logits.)
 *
 * Before anything is written: classes are compared, and the first question is asked twice, half of
 * it in another batch. Before the package is closed: the teacher must still be what its hash says.
 *
 * @returns an async generator of progress; its return value is the manifest of the finished package
 * @throws ConfigError "config/range", "config/conflict", "config/unknown-name" as knownClasses;
 *   DataError "teacher/class-mismatch", "teacher/not-deterministic", "teacher/batch-dependent",
 *   "teacher/changed", and what the teacher and `openSoftLabelWriter` throw; RunError "run/aborted"
 * @example
 *   for await (const { done, total } of label({ teacher, dataset, store })) show(done / total);
 */
export async function* label(options: LabelOptions): AsyncGenerator<LabelEvent, SoftLabelManifest> {
  const { teacher, dataset, store, signal, views = noViews } = options;
  const { workload } = teacher;
  const { batchSize, batchesPerQuestion = 1 } =
    options.batchSize === undefined ? workload : { batchSize: options.batchSize };
  const samplesPerShard = options.samplesPerShard ?? workload.samplesPerShard;
  assertNotAborted(signal);
  assertInRange("label", { batchSize, samplesPerShard }, { from: 1, isInteger: true });
  assertViews(views);
  const known = knownClasses(options.teacherClasses, dataset.classNames);
  assertTeacherClasses(teacher, dataset, known);
  const read = sampleReader(dataset, views);
  const about = header(options, views, known);
  const writer = await openSoftLabelWriter(store, about, { samplesPerShard });
  const total = dataset.length;
  let done = writer.done;
  const begun: LabelEvent = { type: "label", done, total, samplesPerSecond: 0 };
  const start = performance.now();
  const plan = {
    from: done,
    ...{ batchSize, batchesPerQuestion, samplesPerShard },
    concurrency: workload.concurrency,
    views: views.count,
  };
  for await (const batch of labelBatches({ ...options, plan, read })) {
    if (done === writer.done) yield begun; // the teacher has answered, twice alike
    await writer.add(batch);
    done += batch.keys.length;
    const seconds = (performance.now() - start) / 1000;
    yield { type: "label", done, total, samplesPerSecond: (done - writer.done) / seconds };
    assertNotAborted(signal);
  }
  if (writer.done === total) {
    const first = await read(indexRange(0, Math.min(batchSize, total)), 0);
    await repeatedLogits(teacher, { ...first, ...(signal && { signal }) });
    yield begun;
  }
  assertTeacherUnchanged(teacher);
  return writer.close();
}

/** Runs `label` to its end without showing progress. */
export async function labelAll(options: LabelOptions): Promise<SoftLabelManifest> {
  const run = label(options);
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

function header(
  options: LabelOptions,
  views: LabelViews,
  teacherClasses: readonly string[] | undefined,
): SoftLabelHeader {
  const { teacher, dataset, precision = "float16", withInputs = false, generated } = options;
  const { text, frames } = dataset;
  return {
    precision,
    classNames: dataset.classNames,
    ...(teacherClasses && { teacherClasses }),
    members: teacher.members,
    combine: teacher.combine,
    ...(teacher.weights && { weights: teacher.weights }),
    teacherHash: teacher.hash,
    dataHash: dataset.hash(),
    dataName: dataset.name,
    sample: { dtype: dataset.dtype, shape: dataset.shape },
    preprocessing: dataset.preprocessing,
    views: { ...views, augmentation: augmentationJson(views.augmentation) },
    withInputs,
    ...(withInputs && groupsOf(dataset)),
    ...(text && { text }),
    ...(frames && { frames }),
    ...seenInputs(dataset),
    ...(generated && { generated: settledSpec(generated, dataset) as Json }), // plain data
    sampleCount: dataset.length,
    createdBy: options.createdBy ?? "potstill",
  };
}

/** What the teacher saw, where that was not the samples. */
function seenInputs(dataset: Dataset): Pick<SoftLabelHeader, "teacherInputs"> {
  if (dataset.teacherInputs === undefined) return {};
  const { name, dtype, shape, hash } = seenByTeacher(dataset);
  return { teacherInputs: { name, hash: hash(), sample: { dtype, shape } } };
}

/** So that a package's samples are split as the data set's are. */
function groupsOf({
  groups,
  wholeGroups: whole = false,
  localGroups: local = false,
}: Dataset): Pick<SoftLabelHeader, "groups"> {
  return groups === null ? {} : { groups: { names: [...new Set(groups)], whole, local } };
}

/** @returns the augmentation without fields that are undefined */
function augmentationJson(augmentation: Augmentation | null): Json {
  if (augmentation === null) return null;
  const { shift, flip, crop, fill, mixup } = augmentation;
  return {
    ...(shift !== undefined && { shift }),
    ...(flip !== undefined && { flip }),
    ...(crop !== undefined && { crop: { padding: crop.padding } }),
    ...(fill !== undefined && { fill }),
    ...(mixup !== undefined && { mixup: { alpha: mixup.alpha } }),
  };
}

/** @throws ConfigError "config/range"; "config/conflict" for several views that are all the same */
export function assertViews({ count, augmentation }: Omit<LabelViews, "seed">): void {
  assertInRange("label", { views: count }, { from: 1, isInteger: true });
  if (augmentation === null && count > 1)
    throw new ConfigError("config/conflict", {
      where: "label",
      rule: "several views need an augmentation; without one they are all the same",
      got: `${count} views`,
      fix: "Give an augmentation such as shift: 2, or one view",
      details: { views: count },
    });
}
