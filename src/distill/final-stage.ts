/** @file The student as a file, and how long models take for a sample. */

import type { Dataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { allocate, elementCount, type Tensor, zeros } from "../engine/tensor/index.ts";
import { logitsOutput, samplesInput } from "../engine/train/index.ts";
import { quantile } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import type { ArmRun, ExportedStudent, Latency } from "./options.ts";
import { indexRange } from "./sample-reader.ts";
import { namedFailure } from "./self-checks/check.ts";
import { assertSameLogits, assertStudentAlone } from "./self-checks/export.ts";
import { studentFile, weightCount } from "./student-file.ts";
import type { Teacher } from "./teachers/index.ts";
import type { Model } from "./training/model-file.ts";

/** @returns the run that was best on validation */
export function bestRun<Run extends Pick<ArmRun, "job">>(runs: readonly Run[]): Run {
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
