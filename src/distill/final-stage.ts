/** @file Last stage of a run: the test split, looked at once, and the student as a file. */

import type { Dataset } from "../data/index.ts";
import { accuracy, quantile } from "../evaluate/index.ts";
import { exportOnnx } from "../export/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { allocate, elementCount, type Tensor } from "../tensor/index.ts";
import {
  inferenceGraph,
  logitsOutput,
  type Model,
  networkOf,
  openPredictor,
  samplesInput,
} from "../train/index.ts";
import type { JobResult } from "./job.ts";
import type { ArmRun, ExportedStudent } from "./options.ts";
import { checkFailure } from "./self-checks/check.ts";

/** @returns float32 [samples, classes] */
export async function modelLogits(
  runtime: Runtime,
  model: Model,
  dataset: Dataset,
): Promise<Float32Array> {
  const predictor = await openPredictor(runtime, {
    network: networkOf(model),
    sample: model.sample,
    preprocessing: model.preprocessing,
    batchSize: Math.min(256, dataset.length),
    weights: model.weights,
  });
  try {
    return await predictor.datasetLogits(dataset, {});
  } finally {
    await predictor.close();
  }
}

/** @returns share of the data set's samples that a finished job's model gets right */
export async function jobAccuracy(
  runtime: Runtime,
  { model }: JobResult,
  dataset: Dataset,
): Promise<number> {
  return accuracy(await modelLogits(runtime, model, dataset), dataset.labels);
}

/** @returns the run that was best on validation */
export function bestRun(runs: readonly ArmRun[]): ArmRun {
  return runs.reduce((best, run) =>
    run.job.validationAccuracy > best.job.validationAccuracy ? run : best,
  );
}

/** @returns the student alone, as the bytes of an .onnx file. @throws ExportError "export/size-gate" */
export function studentFile(model: Model): ReturnType<typeof exportOnnx> {
  const { sample, preprocessing, weights, classNames } = model;
  const network = networkOf(model);
  const graph = inferenceGraph({ network, sample, preprocessing, weights, batchSize: 1 });
  const weightElements = [...weights.values()].reduce(
    (total, { shape }) => total + elementCount(shape),
    0,
  );
  const metadata = { classNames: JSON.stringify(classNames), preprocessing: "inside the model" };
  return exportOnnx(graph, { weightElements, metadata });
}

const latencyRuns = 300;
/** float32 logits of the same weights by another arrangement of the same sums. */
const parityTolerance = 1e-3;

/**
 * Exports a student, runs the file on the validation split beside the trained graph, and times single samples.
 *
 * @throws ExportError "export/size-gate"; RunError "check/J8" if the file's logits are not the graph's
 */
export async function exportStudent(
  runtime: Runtime,
  { job, seed }: ArmRun,
  validation: Dataset,
): Promise<ExportedStudent> {
  const { bytes, opset } = studentFile(job.model);
  const session = await runtime.load(bytes);
  const { dtype, shape, length } = validation;
  const data = allocate(dtype, length * elementCount(shape));
  await validation.gather(
    Int32Array.from({ length }, (_, i) => i),
    data,
  );
  const all = { dtype, shape: [length, ...shape], data } as Tensor; // dtype and array are the data set's
  const { outputs } = await session.run({ [samplesInput]: all });
  const trained = await modelLogits(runtime, job.model, validation);
  const maxDifference = trained.reduce(
    (worst, logit, index) =>
      Math.max(worst, Math.abs(logit - Number(outputs[logitsOutput]!.data[index]))),
    0,
  );
  const largest = trained.reduce((top, logit) => Math.max(top, Math.abs(logit)), 1);
  if (!(maxDifference <= parityTolerance * largest))
    throw checkFailure("J8", {
      rule: `the exported file's logits must be the trained graph's within ${parityTolerance} of the largest`,
      got: `a difference of ${maxDifference} with logits up to ${largest}`,
      fix: "This is a fault in the export; please report it",
    });
  const one = { dtype, shape: [1, ...shape], data: data.slice(0, elementCount(shape)) } as Tensor; // as above
  const times = Float64Array.from(await session.time({ [samplesInput]: one }, latencyRuns)).sort();
  await session.dispose();
  const latencyMs = { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
  return { bytes, opset, maxDifference, latencyMs, seed };
}
