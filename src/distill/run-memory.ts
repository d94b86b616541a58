/** @file Looks at a run's trainings before any of them starts: do their steps fit in memory? */

import { type Job, prepareJob } from "./job.ts";
import type { DistillOptions } from "./options.ts";
import { assertStepFits } from "./step-memory.ts";
import type { TrainingSpec } from "./training-spec.ts";

/**
 * Checks the student's training, and the teacher's if it is to be trained. @throws as
 * assertStepFits
 */
export function assertRunFits(options: DistillOptions): void {
  const { memoryBytes, teacher, student, training, data } = options;
  if (memoryBytes === undefined) return;
  const check = (id: string, network: Job["network"], spec: TrainingSpec): void => {
    const { train, validation } = data;
    const job: Job = { id, network, train, validation, training: spec, seed: 0 };
    assertStepFits(job, prepareJob(job), memoryBytes);
  };
  if (teacher.kind === "train") check("teacher", teacher.teacher.network, teacher.teacher.training);
  check("student", student, training);
}
