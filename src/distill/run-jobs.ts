/**
 * @file Runs the trainings of a distillation run one after another, numbering them for whoever
 * watches.
 */

import type { DistillEvent } from "./events.ts";
import { type Job, type JobContext, type JobResult, runJob } from "./job.ts";

export interface RunJobs {
  /** trains, goes on, or takes the finished result; the same id is never trained twice */
  readonly run: (job: Job) => AsyncGenerator<DistillEvent, JobResult>;
}

/** @param total trainings that the whole run will have */
export function makeRunJobs(context: JobContext, total: number): RunJobs {
  const finished = new Map<string, JobResult>();
  let number = 0;
  return {
    run: async function* (job) {
      const known = finished.get(job.id);
      if (known !== undefined) return known;
      number += 1;
      yield { type: "job-start", job: job.id, number, total };
      const result = yield* runJob(job, context);
      finished.set(job.id, result);
      const { validationAccuracy, bestEpoch } = result;
      yield { type: "job-end", job: job.id, validationAccuracy, bestEpoch };
      return result;
    },
  };
}
