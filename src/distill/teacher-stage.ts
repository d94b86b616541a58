/**
 * @file First stage of a run: get a teacher, train it if need be, and write its soft labels once.
 */

import {
  type Augmentation,
  alignSoftLabels,
  type Dataset,
  memoryStore,
  openSoftLabels,
  type SoftLabels,
  type Store,
} from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import { generateSamples } from "./data-free/generate-samples.ts";
import type { DistillEvent } from "./events.ts";
import { assertPairs } from "./features/assert-features.ts";
import { teacherLayers } from "./features/feature-terms.ts";
import { type OpenFeatures, openFeatures } from "./features/open-features.ts";
import { label } from "./label.ts";
import { type MadeTeacher, makeTeacher } from "./make-teacher.ts";
import type { DistillOptions, LabelSpec } from "./options.ts";
import { prefixStore } from "./prefix-store.ts";
import type { RunJobs } from "./run-jobs.ts";
import type { AskableSource } from "./teacher-source.ts";
import { averagedTeacher } from "./teachers/averaged-teacher.ts";
import { closeUnlessDone } from "./teachers/close-unless-done.ts";
import type { Teacher } from "./teachers/teacher.ts";
import type { Model } from "./training/model-file.ts";
import { defaults } from "./training-spec.ts";

/** Soft labels, and what is known of who made them. */
export interface TeacherStage {
  /** what the students learn from */
  readonly train: Dataset;
  /** who wrote the soft labels; null if only they were there */
  readonly teacher: Teacher | null;
  /** the same with all its members, where the soft labels are averaged */
  readonly whole: Teacher | null;
  readonly softLabels: SoftLabels;
  /** row of each sample of `train` */
  readonly rows: Int32Array;
  readonly labellingSeconds: number;
  /** closes what was opened for this run */
  readonly close: () => Promise<void>;
  /** of a teacher trained here */
  readonly augmentation: Augmentation | undefined;
  /** of a teacher that is one network trained here */
  readonly model?: Model | undefined;
  /** of a teacher whose inner layers are learned too */
  readonly features?: OpenFeatures | undefined;
}

/** Where the package lies in the run folder. */
export const packagePrefix = "soft-labels/";
/** Where samples lie that were made from the teacher. */
const generatedPrefix = "generated/";

/**
 * What was opened for this run is closed where the stage fails or is stopped; else by `close`.
 *
 * @param students all that may learn from the teacher's features
 * @throws whatever training, the teacher or the package refuse
 */
export async function* teacherStage(
  options: DistillOptions,
  jobs: RunJobs,
  students: readonly NetworkSpec[],
): AsyncGenerator<DistillEvent, TeacherStage> {
  const { teacher: source, data } = options;
  if (source.kind === "softLabels") {
    const { softLabels } = source;
    return {
      train: data.train,
      teacher: null,
      whole: null,
      close: async () => undefined,
      softLabels,
      rows: alignSoftLabels(softLabels, data.train),
      labellingSeconds: 0,
      augmentation: viewAugmentation(softLabels),
    };
  }
  const made = yield* makeTeacher(source, options, jobs);
  return yield* closeUnlessDone([made], featuredStage(made, source, options, students));
}

/** Samples in a question about features: few, as what inner layers give of them may be large. */
const askedAtOnce = 64;

/** Opens the features first: what they refuse is refused before anything is labelled. */
async function* featuredStage(
  made: MadeTeacher,
  source: AskableSource,
  options: DistillOptions,
  students: readonly NetworkSpec[],
): AsyncGenerator<DistillEvent, TeacherStage> {
  const layers = teacherLayers(options.distillation?.features ?? []);
  if (layers.length === 0) return yield* labelledStage(made, source, options);
  const { batchSize = defaults.batchSize } = options.training;
  const features = await openFeatures(made.teacher, layers, Math.min(batchSize, askedAtOnce));
  const checked = async function* (): AsyncGenerator<DistillEvent, TeacherStage> {
    assertPairs(options, students, features.shapes);
    const stage = yield* labelledStage(made, source, options);
    const close = (): Promise<void> => features.close().finally(stage.close);
    return { ...stage, features, close };
  };
  return yield* closeUnlessDone([features], checked());
}

async function* labelledStage(
  { teacher: whole, close, model }: MadeTeacher,
  source: AskableSource,
  options: DistillOptions,
): AsyncGenerator<DistillEvent, TeacherStage> {
  const train = yield* transferSet(whole, options);
  const teacher = options.labels?.members === "averaged" ? averagedTeacher(whole) : whole;
  const store = prefixStore(options.store ?? memoryStore("memory"), packagePrefix);
  const started = performance.now();
  yield* labelInto(store, teacher, train, options, options.labels ?? {});
  const labellingSeconds = (performance.now() - started) / 1000;
  const softLabels = await openSoftLabels(store);
  const trained = source.kind === "train" ? source.teacher.training.augmentation : undefined;
  const isOfSamples = train.teacherInputs === undefined; // else nothing that a student could share
  return {
    train,
    teacher,
    whole,
    close,
    softLabels,
    rows: alignSoftLabels(softLabels, train),
    labellingSeconds,
    augmentation: isOfSamples ? (trained ?? options.labels?.augmentation) : undefined,
    model,
  };
}

/** The samples that the students see, made here if they come from the teacher alone. */
async function* transferSet(
  teacher: Teacher,
  { data, transfer, runtime, store, signal, training }: DistillOptions,
): AsyncGenerator<DistillEvent, Dataset> {
  const spec = transfer?.generated;
  if (spec === undefined) return data.train;
  return yield* generateSamples({
    ...{ teacher, spec, runtime, like: data.train },
    threads: training.threads ?? 1,
    ...(store && { store: prefixStore(store, generatedPrefix) }),
    ...(signal && { signal }),
  });
}

/** Writes a package of `dataset`; goes on with one that was interrupted. */
export async function* labelInto(
  store: Store,
  teacher: Teacher,
  dataset: Dataset,
  {
    teacherClasses,
    createdBy,
    signal,
    transfer,
  }: Pick<DistillOptions, "teacherClasses" | "createdBy" | "signal" | "transfer">,
  spec: LabelSpec,
): AsyncGenerator<DistillEvent, void> {
  const { precision = "float16", views = 1, augmentation, seed = 0, withInputs = false } = spec;
  yield* label({
    teacher,
    dataset,
    store,
    precision,
    views: { count: views, seed, augmentation: augmentation ?? null },
    withInputs,
    createdBy,
    ...(teacherClasses && { teacherClasses }),
    ...(transfer?.generated && { generated: transfer.generated }),
    ...(signal && { signal }),
  });
}

/** The package's own augmentation, as its manifest keeps it. */
function viewAugmentation({ manifest }: SoftLabels): Augmentation | undefined {
  return (manifest.views.augmentation as Augmentation | null) ?? undefined; // the manifest's schema has checked it
}
