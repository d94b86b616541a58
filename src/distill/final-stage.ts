/** @file Last stage of a run: the test split, looked at once, and the student as a file. */

import type { Dataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { allocate, elementCount, type Tensor, zeros } from "../engine/tensor/index.ts";
import { logitsOutput, samplesInput } from "../engine/train/index.ts";
import { type ArmSources, describeArm } from "./arms.ts";
import type { JobResult } from "./job.ts";
import { quantile } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import type { ArmName, ArmResult, ArmRun, ExportedStudent, Latency } from "./options.ts";
import { indexRange } from "./sample-reader.ts";
import { namedFailure } from "./self-checks/check.ts";
import { assertSameLogits, assertStudentAlone } from "./self-checks/export.ts";
import { studentFile, weightCount } from "./student-file.ts";
import type { Teacher } from "./teachers/index.ts";
import type { Model } from "./training/model-file.ts";
import type { Tuned } from "./tuning.ts";

/** The test split's turn. @param trained jobs of each arm, in the order of the seeds */
export async function testArms(
  sources: ArmSources,
  seeds: readonly number[],
  tuned: ReadonlyMap<ArmName, Tuned>,
  trained: ReadonlyMap<ArmName, readonly JobResult[]>,
): Promise<readonly ArmResult[]> {
  const { runtime, data } = sources.options;
  const results: ArmResult[] = [];
  for (const [arm, jobs] of trained) {
    const runs: ArmRun[] = [];
    for (const [index, job] of jobs.entries()) {
      const testLogits = await modelLogits(runtime, job.model, data.test);
      const latencyMs = await modelLatency(runtime, job.model);
      runs.push({ seed: seeds[index]!, job, testLogits, latencyMs });
    }
    const { trials, chosen } = tuned.get(arm)!; // every arm was tuned
    results.push({ arm, description: describeArm(arm, sources), trials, chosen, runs });
  }
  return results;
}

/** @returns the run that was best on validation */
export function bestRun(runs: readonly ArmRun[]): ArmRun {
  return runs.reduce((best, run) =>
    run.job.validationAccuracy > best.job.validationAccuracy ? run : best,
  );
}

const latencyRuns = 300;

/**
 * Exports a student, runs the file on the validation split beside the trained graph, and times
 * single samples.
 *
 * @throws RunError "check/J8" if the file holds more than the student, or its logits are not the
 *   graph's
 */
export async function exportStudent(
  runtime: Runtime,
  { job, seed }: Pick<ArmRun, "job" | "seed">,
  validation: Dataset,
): Promise<ExportedStudent> {
  const { bytes, opset, storedElements } = gated(() => studentFile(job.model));
  assertStudentAlone(storedElements, weightCount(job.model));
  const trained = await modelLogits(runtime, job.model, validation);
  const maxDifference = assertSameLogits(await fileLogits(runtime, bytes, validation), trained);
  return { bytes, opset, maxDifference, seed };
}

/** Samples in one run: what memory a run takes must not grow with the validation split. */
const fileBatch = 256;

/** @returns float32 [samples, classes] of an exported file */
async function fileLogits(
  runtime: Runtime,
  bytes: Uint8Array,
  dataset: Dataset,
): Promise<Float32Array> {
  const { dtype, shape, length, classNames } = dataset;
  const logits = new Float32Array(length * classNames.length);
  const session = await runtime.load(bytes);
  try {
    for (let from = 0; from < length; from += fileBatch) {
      const indices = indexRange(from, Math.min(from + fileBatch, length));
      const data = allocate(dtype, indices.length * elementCount(shape));
      await dataset.gather(indices, data);
      const samples = { dtype, shape: [indices.length, ...shape], data } as Tensor; // dtype and array are the data set's
      const { outputs } = await session.run({ [samplesInput]: samples });
      logits.set(outputs[logitsOutput]!.data as Float32Array, from * classNames.length); // declared float32
    }
    return logits;
  } finally {
    await session.dispose();
  }
}

/** @returns how long the model's exported file takes for one sample, on one thread */
export async function modelLatency(runtime: Runtime, model: Model): Promise<Latency> {
  const session = await runtime.load(studentFile(model).bytes);
  const one = zeros(model.sample.dtype, [1, ...model.sample.shape]);
  try {
    return latencyOf(await session.time({ [samplesInput]: one }, latencyRuns));
  } finally {
    await session.dispose();
  }
}

/** @returns the same for a teacher, or null if it cannot be asked for one sample at a time */
export async function teacherLatency(teacher: Teacher | null): Promise<Latency | null> {
  return teacher?.time === undefined ? null : latencyOf(await teacher.time(latencyRuns));
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = Float64Array.from(times).sort();
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}

function gated<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw namedFailure(cause);
  }
}
