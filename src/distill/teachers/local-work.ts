/** @file How a teacher that runs here uses the processor. */

import type { Dataset } from "../../data/index.ts";
import type { SessionOptions } from "../../engine/runtime/index.ts";
import { dtypeBytes, elementCount } from "../../engine/tensor/index.ts";
import type { DistillationSpec, TrainingSpec } from "../training-spec.ts";
import type { TeacherWorkload } from "./teacher.ts";

export interface TeacherThreads {
  /** default 1 */
  readonly threads?: number;
  /**
   * true: it is asked about one batch after the other, as live distillation does, and all threads
   * compute that one; default false: many batches are asked at once, and each thread computes one
   * with a copy of the model, where the runtime can
   */
  readonly live?: boolean;
}

/** @returns how a run's teacher is asked: with the threads of a training */
export function teacherThreads(
  { threads = 1 }: Pick<TrainingSpec, "threads">,
  { distillation }: { readonly distillation?: DistillationSpec },
): TeacherThreads {
  return { threads, live: distillation?.live === true };
}

export function sessionOptions({ threads = 1, live = false }: TeacherThreads): SessionOptions {
  return { threads, manyRuns: !live };
}

/** Of a question of several runs: bytes of samples as stored, and multiplications, some 40 ms. */
const most = { bytes: 2 ** 20, macs: 2 ** 31 };

/**
 * Small runs travel to the runtime's worker together: a message costs some 0.4 ms of a processor.
 *
 * @param batchSize samples in one run; @param form of a sample; @param macs of a sample, if known
 * @returns runs in one question; 1 if it is not known how long they take
 */
export function runsTogether(
  batchSize: number,
  { dtype, shape }: Pick<Dataset, "dtype" | "shape">,
  macs: number | null,
): number {
  if (macs === null) return 1;
  const bytes = dtypeBytes(dtype) * elementCount(shape);
  const samples = Math.min(most.bytes / bytes, most.macs / Math.max(macs, 1));
  return Math.max(1, Math.floor(samples / batchSize));
}

/** Every thread has a batch, and two wait for it: with one it stands still between two batches. */
export function localWorkload(
  batchSize: number,
  { threads = 1 }: TeacherThreads,
  batchesPerQuestion = 1,
): TeacherWorkload {
  const concurrency = 3 * threads;
  return { batchSize, batchesPerQuestion, concurrency, samplesPerShard: 4096, isRepeatable: true };
}
