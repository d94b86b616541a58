/**
 * @file What storing the soft labels as float32, float16 or 8 bits costs: distance to the teacher,
 * and the student's accuracy.
 */

import {
  alignSoftLabels,
  effectiveLogits,
  memoryStore,
  openSoftLabels,
  type SoftLabels,
} from "../data/index.ts";
import { type ArmSources, armJob } from "./arms.ts";
import type { DistillEvent } from "./events.ts";
import type { JobResult } from "./job.ts";
import { klToTeacher } from "./metrics/index.ts";
import type { PrecisionRow } from "./options.ts";
import { prefixStore } from "./prefix-store.ts";
import type { RunJobs } from "./run-jobs.ts";
import { labelInto } from "./teacher-stage.ts";
import type { Teacher } from "./teachers/teacher.ts";
import type { Tuned } from "./tuning.ts";

const precisions = ["float32", "float16", "int8"] as const;

/** @returns trainings that `measurePrecisions` makes besides those of the run itself */
export const precisionJobs: number = precisions.length - 1;

/** What a student is worth on the test samples. */
export interface TestedStudent {
  readonly accuracy: number;
  /** mean KL(teacher ‖ student) at T = 1, nats */
  readonly klNats: number;
}

/** @param tested measures a finished job's student. @returns a row per precision */
export async function* measurePrecisions(
  sources: ArmSources,
  jobs: RunJobs,
  teacher: Teacher,
  { tuned, seed }: { readonly tuned: Tuned; readonly seed: number },
  tested: (job: JobResult) => Promise<TestedStudent>,
): AsyncGenerator<DistillEvent, readonly PrecisionRow[]> {
  const { options, soft } = sources;
  const root = options.store ?? memoryStore("memory");
  const used = soft.softLabels.manifest.precision;
  const packages: SoftLabels[] = [];
  for (const precision of precisions) {
    if (precision === used) packages.push(soft.softLabels);
    else {
      const store = prefixStore(root, `soft-labels-${precision}/`);
      yield* labelInto(store, teacher, options.data.train, options, {
        ...options.labels,
        precision,
      });
      packages.push(await openSoftLabels(store));
    }
  }
  const exact = softDistributions(packages[0]!);
  const isSigmoid = teacher.members[0]?.kind === "sigmoid"; // members do not mix it with others
  const rows: PrecisionRow[] = [];
  for (const softLabels of packages) {
    const { precision, shards } = softLabels.manifest;
    const id = precision === used ? `distilled/seed-${seed}` : `precision/${precision}`;
    const own = {
      ...sources,
      soft: { ...soft, softLabels, rows: alignSoftLabels(softLabels, options.data.train) },
    };
    const job = yield* jobs.run(
      armJob("distilled", id, own, { seed, learningRate: tuned.learningRate }),
    );
    const student = await tested(job);
    rows.push({
      precision,
      bytes: shards.reduce((total, { bytes }) => total + bytes, 0),
      studentAccuracy: student.accuracy,
      studentKlNats: student.klNats,
      klNats: klToTeacher(softDistributions(softLabels), exact, softLabels.length, { isSigmoid }),
    });
  }
  return rows;
}

/** @returns float32 [samples, classes]: the package's combined logits of view 0 */
function softDistributions(softLabels: SoftLabels): Float32Array {
  const { members, classCount } = softLabels.manifest;
  const all = new Float32Array(softLabels.length * classCount);
  const row = new Float32Array(members.length * classCount);
  for (let index = 0; index < softLabels.length; index++)
    all.set(
      effectiveLogits(softLabels.logits(index, 0, row), softLabels.manifest),
      index * classCount,
    );
  return all;
}
