/**
 * @file First stage of a run: get a teacher, train it if need be, and write its soft labels once.
 */

import type { SampleDType } from "../data/index.ts";
import {
  type Augmentation,
  alignSoftLabels,
  type Dataset,
  effectiveLogits,
  memoryStore,
  openSoftLabels,
  type SoftLabels,
  type Store,
} from "../data/index.ts";
import { allocate, type DataOf, elementCount, type Tensor } from "../tensor/index.ts";
import type { DistillEvent } from "./events.ts";
import type { JobResult } from "./job.ts";
import { label } from "./label.ts";
import type { DistillOptions, LabelSpec, TrainedTeacher } from "./options.ts";
import { prefixStore } from "./prefix-store.ts";
import type { RunJobs } from "./run-jobs.ts";
import { ensembleTeacher } from "./teachers/ensemble-teacher.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import type { Teacher } from "./teachers/teacher.ts";

/** Soft labels, and what is known of who made them. */
export interface TeacherStage {
  /** null if only its soft labels were there */
  readonly teacher: Teacher | null;
  readonly softLabels: SoftLabels;
  /** row of each training sample */
  readonly rows: Int32Array;
  readonly labellingSeconds: number;
  /** of a teacher trained here */
  readonly augmentation: Augmentation | undefined;
}

/** Where the package lies in the run folder. */
export const packagePrefix = "soft-labels/";

/** @throws whatever training, the teacher or the package refuse */
export async function* teacherStage(
  options: DistillOptions,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, TeacherStage> {
  const { teacher: source, data } = options;
  if (source.kind === "softLabels") {
    const { softLabels } = source;
    return {
      teacher: null,
      softLabels,
      rows: alignSoftLabels(softLabels, data.train),
      labellingSeconds: 0,
      augmentation: viewAugmentation(softLabels),
    };
  }
  const teacher =
    source.kind === "given" ? source.teacher : yield* trainTeacher(source.teacher, options, jobs);
  const store = prefixStore(options.store ?? memoryStore("memory"), packagePrefix);
  const started = performance.now();
  yield* labelInto(store, teacher, data.train, options, options.labels ?? {});
  const labellingSeconds = (performance.now() - started) / 1000;
  const softLabels = await openSoftLabels(store);
  const trained = source.kind === "train" ? source.teacher.training.augmentation : undefined;
  return {
    teacher,
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

/** Trains the members, each with a seed of its own. */
export async function* trainTeacher(
  source: TrainedTeacher,
  options: Pick<DistillOptions, "data" | "runtime">,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, Teacher> {
  const { members = 1, combine = "arithmetic", network, training } = source;
  const results: JobResult[] = [];
  for (let member = 1; member <= members; member++)
    results.push(
      yield* jobs.run({
        id: members === 1 ? "teacher" : `teacher/member-${member}`,
        network,
        train: source.data ?? options.data.train,
        validation: options.data.validation,
        training,
        seed: teacherSeed + member,
      }),
    );
  const teachers: Teacher[] = [];
  for (const { model } of results) teachers.push(await networkTeacher(options.runtime, model));
  return teachers.length === 1 ? teachers[0]! : ensembleTeacher(teachers, { combine });
}

/** Teachers' seeds are far from the students', so that none shares another's initial weights. */
const teacherSeed = 1_000_000;

/**
 * @returns float32 [n, classes]: the teacher's log-probabilities (one member: its logits) at T = 1
 *   over a data set
 */
export async function teacherLogits(teacher: Teacher, dataset: Dataset): Promise<Float32Array> {
  const { length, shape, dtype } = dataset;
  const [members, classes] = [teacher.members.length, teacher.classCount];
  const logits = new Float32Array(length * classes);
  const size = elementCount(shape);
  for (let from = 0; from < length; from += teachingBatch) {
    const count = Math.min(teachingBatch, length - from);
    const data = allocate(dtype, count * size) as DataOf[SampleDType];
    const indices = Int32Array.from({ length: count }, (_, i) => from + i);
    await dataset.gather(indices, data);
    const samples = { dtype, shape: [count, ...shape], data } as Tensor<SampleDType>; // dtype and array are the data set's
    const keys = Array.from(indices, (index) => dataset.key(index));
    const answer = await teacher.logits({ samples, keys, view: 0 });
    for (let row = 0; row < count; row++) {
      const own = answer.subarray(row * members * classes, (row + 1) * members * classes);
      logits.set(effectiveLogits(own, teacher), (from + row) * classes);
    }
  }
  return logits;
}

const teachingBatch = 256;
