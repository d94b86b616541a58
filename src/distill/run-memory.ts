/** @file Looks at a run's trainings before any of them starts: do their steps fit in memory? */

import { type Job, prepareJob } from "./job.ts";
import { trainedTeachers } from "./make-teacher.ts";
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
  for (const { network, training: own } of trainedTeachers(teacher)) check("teacher", network, own);
  check("student", student, training);
}
