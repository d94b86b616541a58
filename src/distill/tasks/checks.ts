/** @file The task "checks": what a run asks of itself once there are soft labels, J3 to J7. */

import type { DistillEvent } from "../events.ts";
import type { SelfCheck } from "../options.ts";
import { checkLoss, checkSoftLabels } from "../run-checks.ts";
import type { TaskWork } from "./execute.ts";
import type { TaskContext, TaskKind } from "./kind.ts";
import { sampleSet } from "./labels.ts";
import type { TeacherSpec } from "./open-teachers.ts";
import { readJson, writeJson } from "./result-files.ts";
import { jobOf, type TrainingTaskSpec } from "./training.ts";

/** Of the distilled student. */
export interface ChecksSpec extends TrainingTaskSpec {
  /** who wrote the soft labels; undefined if they alone are here */
  readonly asked?: TeacherSpec | undefined;
}

const checksName = "checks.json";

async function* check(
  work: TaskWork,
  spec: ChecksSpec,
  context: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const { runtime, inputs, teachers } = context;
  const job = await jobOf(work, spec, context);
  const teacher = spec.asked === undefined ? null : await teachers.get(spec.asked, work);
  const { softLabels, rows } = job.soft!; // of a distilled student
  const dataset = await sampleSet(work, spec.train, inputs);
  const found: SelfCheck[] = [];
  const stored = { teacher, softLabels, rows, dataset, signal: work.signal };
  for (const checks of [checkSoftLabels(stored), checkLoss(runtime, job)])
    for await (const each of checks) {
      found.push(each);
      yield { type: "check", check: each };
    }
  await writeJson(work.result, checksName, found);
}

export function readChecks(result: TaskWork["result"]): Promise<readonly SelfCheck[]> {
  return readJson(result, checksName);
}

export const checksKind: TaskKind<ChecksSpec> = { kind: "checks", version: 1, run: check };
