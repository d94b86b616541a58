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
import type { DistillEvent } from "./events.ts";
import { label } from "./label.ts";
import { type MadeTeacher, makeTeacher } from "./make-teacher.ts";
import type { DistillOptions, LabelSpec } from "./options.ts";
import { prefixStore } from "./prefix-store.ts";
import type { RunJobs } from "./run-jobs.ts";
import type { AskableSource } from "./teacher-source.ts";
import { averagedTeacher } from "./teachers/averaged-teacher.ts";
import { closeUnlessDone } from "./teachers/close-unless-done.ts";
import type { Teacher } from "./teachers/teacher.ts";

/** Soft labels, and what is known of who made them. */
export interface TeacherStage {
  /** who wrote the soft labels; null if only they were there */
  readonly teacher: Teacher | null;
  /** the same with all its members, where the soft labels are averaged */
  readonly whole: Teacher | null;
  readonly softLabels: SoftLabels;
  /** row of each training sample */
  readonly rows: Int32Array;
  readonly labellingSeconds: number;
  /** closes what was opened for this run */
  readonly close: () => Promise<void>;
  /** of a teacher trained here */
  readonly augmentation: Augmentation | undefined;
}

/** Where the package lies in the run folder. */
export const packagePrefix = "soft-labels/";

/**
 * What was opened for this run is closed where the stage fails or is stopped; else by `close`.
 *
 * @throws whatever training, the teacher or the package refuse
 */
export async function* teacherStage(
  options: DistillOptions,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, TeacherStage> {
  const { teacher: source, data } = options;
  if (source.kind === "softLabels") {
    const { softLabels } = source;
    return {
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
  return yield* closeUnlessDone([made], labelledStage(made, source, options));
}

async function* labelledStage(
  { teacher: whole, close }: MadeTeacher,
  source: AskableSource,
  options: DistillOptions,
): AsyncGenerator<DistillEvent, TeacherStage> {
  const { data } = options;
  const teacher = options.labels?.members === "averaged" ? averagedTeacher(whole) : whole;
  const store = prefixStore(options.store ?? memoryStore("memory"), packagePrefix);
  const started = performance.now();
  yield* labelInto(store, teacher, data.train, options, options.labels ?? {});
  const labellingSeconds = (performance.now() - started) / 1000;
  const softLabels = await openSoftLabels(store);
  const trained = source.kind === "train" ? source.teacher.training.augmentation : undefined;
  return {
    teacher,
    whole,
    close,
    softLabels,
    rows: alignSoftLabels(softLabels, data.train),
    labellingSeconds,
    augmentation: trained ?? options.labels?.augmentation,
  };
}

/** Writes a package of `dataset`; goes on with one that was interrupted. */
export async function* labelInto(
  store: Store,
  teacher: Teacher,
  dataset: Dataset,
  { createdBy, signal }: Pick<DistillOptions, "createdBy" | "signal">,
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
    ...(signal && { signal }),
  });
}

/** The package's own augmentation, as its manifest keeps it. */
function viewAugmentation({ manifest }: SoftLabels): Augmentation | undefined {
  return (manifest.views.augmentation as Augmentation | null) ?? undefined; // the manifest's schema has checked it
}
