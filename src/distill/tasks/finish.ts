/**
 * @file Tasks that make something of what was trained: "correction" of a student's class biases,
 * "export" of the best student as a file.
 */

import { type BiasCorrection, correctBias } from "../class-bias.ts";
import { bestRun, exportStudent } from "../final-stage.ts";
import { modelName, writeResult } from "../job-files.ts";
import type { ExportedStudent } from "../options.ts";
import { writeModel } from "../training/model-file.ts";
import type { TaskWork } from "./execute.ts";
import type { InputRef } from "./inputs.ts";
import { neededBy, type TaskContext, type TaskKind } from "./kind.ts";
import { readJson, writeJson } from "./result-files.ts";
import { trainedResult } from "./training.ts";

/** Of the role "student"; gives a student too. */
export interface CorrectionSpec {
  readonly method: BiasCorrection;
  readonly withheld: readonly number[];
  readonly validation: InputRef<"data">;
  readonly runtime: string;
}

const biasName = "bias.json";

async function correct(
  work: TaskWork,
  { method, withheld, validation }: CorrectionSpec,
  { runtime, inputs }: TaskContext,
): Promise<void> {
  const trained = await trainedResult(neededBy(work, "student"), work.task.name);
  const context = { runtime, validation: inputs.get(validation) };
  const { result, bias } = await correctBias(trained, method, withheld, context);
  await writeResult(work, result, work.task.id);
  await writeJson(work.result, biasName, bias);
}

/** @returns what was added to each class's logit */
export function readBias(result: TaskWork["result"]): Promise<readonly number[]> {
  return readJson(result, biasName);
}

export const correctionKind: TaskKind<CorrectionSpec> = {
  kind: "correction",
  version: 1,
  run: correct,
};

/** Of the role "students", of which the best on validation is shipped. */
export interface ExportSpec {
  /** of each */
  readonly seeds: readonly number[];
  readonly validation: InputRef<"data">;
  readonly runtime: string;
}

const fileName = "student.onnx";
const exportName = "export.json";

async function exportBest(
  { needs, result }: TaskWork,
  { seeds, validation }: ExportSpec,
  { runtime, inputs }: TaskContext,
): Promise<void> {
  const runs = [];
  for (const [at, student] of (needs.students ?? []).entries())
    runs.push({ seed: seeds[at]!, job: await trainedResult(student, "student") }); // one each
  const best = bestRun(runs);
  const { bytes, ...about } = await exportStudent(runtime, best, inputs.get(validation));
  await result.write(fileName, bytes);
  await result.write(modelName, writeModel(best.job.model));
  await writeJson(result, exportName, about);
}

export async function readExport(result: TaskWork["result"]): Promise<ExportedStudent> {
  const about = await readJson<Omit<ExportedStudent, "bytes">>(result, exportName);
  return { ...about, bytes: (await result.read(fileName))! }; // of a whole result
}

export const exportKind: TaskKind<ExportSpec> = { kind: "export", version: 1, run: exportBest };
