/** @file How a teacher that runs here uses the processor. */

import type { SessionOptions } from "../../runtime/index.ts";
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

/** Every thread has a batch, and two wait for it: with one it stands still between two batches. */
export function localWorkload(batchSize: number, { threads = 1 }: TeacherThreads): TeacherWorkload {
  return { batchSize, concurrency: 3 * threads, samplesPerShard: 4096, isRepeatable: true };
}
