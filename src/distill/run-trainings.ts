/**
 * @file Prepares a run's trainings before any of them starts, so that what they refuse is refused
 * then; do their steps fit in memory?
 */

import { type Job, prepareJob } from "./job.ts";
import { trainedTeachers } from "./make-teacher.ts";
import type { DistillOptions } from "./options.ts";
import { assertStepFits } from "./step-memory.ts";
import { transferJobs, wholeJob } from "./transfer.ts";

/**
 * Prepares one training of each kind: of the teacher's networks, of the specialists, of the student
 * on hard labels, and of the student of all samples. (Arms differ in what the labels are, not in
 * network, step or feed otherwise.)
 *
 * @throws as prepareJob and assertStepFits
 */
export function assertTrainings(options: DistillOptions, seeds: readonly number[]): void {
  const whole = transferJobs(options, seeds) === 0 ? [] : [wholeJob(options, seeds[0]!, new Map())];
  for (const job of [...teacherTrainings(options), ...studentTrainings(options), ...whole])
    assertStepFits(job, prepareJob(job), options.memoryBytes);
  for (const job of specialistTrainings(options)) prepareJob(job); // of fewer classes: less memory
}

const seed = 0;

function teacherTrainings({ teacher, data }: DistillOptions): readonly Job[] {
  const { train, validation } = data;
  return trainedTeachers(teacher).map(({ network, training, data: own = train }) => {
    return { id: "teacher", network, train: own, validation, training, seed };
  });
}

function specialistTrainings({ teacher, data }: DistillOptions): readonly Job[] {
  if (teacher.kind !== "specialists") return [];
  const { train, validation } = data;
  const { generalist, specialists } = teacher;
  const network = generalist.kind === "train" ? generalist.teacher.network : generalist.model.spec;
  const { training } = specialists;
  return [{ id: "teacher/specialist", network, train, validation, training, seed }];
}

/** The student as it is trained, and on the views that are to be labelled. */
function studentTrainings({
  teacher,
  student,
  training,
  labels,
  data,
}: DistillOptions): readonly Job[] {
  const { train, validation } = data;
  const job = { id: "student", network: student, train, validation, training, seed };
  const augmentation = teacher.kind === "softLabels" ? undefined : labels?.augmentation;
  return augmentation === undefined
    ? [job]
    : [job, { ...job, training: { ...training, augmentation } }];
}
