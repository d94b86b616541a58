/**
 * @file Tasks that ask a teacher about samples: "samples", made from it alone, and "labels", its
 * soft labels as a package.
 */

import {
  type Augmentation,
  arrayDataset,
  type Dataset,
  openSoftLabels,
  type SoftLabelPrecision,
  type SoftLabels,
  type Store,
  UNLABELLED,
} from "../../data/index.ts";
import { allocate, bytesOf, elementCount } from "../../engine/tensor/index.ts";
import { generateSamples } from "../data-free/generate-samples.ts";
import type { GeneratedSpec } from "../data-free/generated-spec.ts";
import type { DistillEvent } from "../events.ts";
import { label } from "../label.ts";
import { prefixStore } from "../prefix-store.ts";
import type { TaskWork } from "./execute.ts";
import type { InputRef, TaskInputs } from "./inputs.ts";
import { neededBy, type TaskContext, type TaskKind } from "./kind.ts";
import type { TeacherSpec } from "./open-teachers.ts";
import { writeJson } from "./result-files.ts";

/** Samples that are there, or that the role "samples" has made, of the form of `like`. */
export type SampleSetSpec =
  | { readonly data: InputRef<"data"> }
  | { readonly like: InputRef<"data">; readonly name: string };

export interface SamplesSpec {
  readonly teacher: TeacherSpec;
  readonly like: InputRef<"data">;
  readonly generated: GeneratedSpec;
  readonly threads: number;
  readonly runtime: string;
}

const samplesName = "samples.bin";

async function* makeSamples(
  work: TaskWork,
  { teacher, like, generated, threads }: SamplesSpec,
  { runtime, inputs, teachers }: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const made = yield* generateSamples({
    ...{ teacher: await teachers.get(teacher, work), spec: generated, runtime, threads },
    ...{ like: inputs.get(like), store: work.work, signal: work.signal },
  });
  const data = allocate(made.dtype, made.length * elementCount(made.shape));
  await made.gather(
    Int32Array.from({ length: made.length }, (_, at) => at),
    data,
  );
  await work.result.write(samplesName, bytesOf(data));
}

/** @returns the samples that a spec names */
export async function sampleSet(
  work: Pick<TaskWork, "needs">,
  spec: SampleSetSpec,
  inputs: TaskInputs,
): Promise<Dataset> {
  return "data" in spec
    ? inputs.get(spec.data)
    : madeSamples(neededBy(work, "samples"), inputs.get(spec.like), spec.name);
}

/** @returns what a "samples" task has made */
export async function madeSamples(result: Store, like: Dataset, name: string): Promise<Dataset> {
  const { dtype, shape, preprocessing, classNames, frames } = like;
  const bytes = (await result.read(samplesName))!; // of a whole result
  const data = allocate(dtype, like.length * elementCount(shape));
  new Uint8Array(data.buffer).set(bytes);
  const labels = new Int32Array(like.length).fill(UNLABELLED);
  const fields = { name, dtype, shape, data, preprocessing, classNames, labels };
  return arrayDataset({ ...fields, ...(frames && { frames }) });
}

export interface LabelsTaskSpec {
  readonly teacher: TeacherSpec;
  readonly samples: SampleSetSpec;
  /** of the data, as the package's manifest has it */
  readonly dataName: string;
  readonly precision: SoftLabelPrecision;
  readonly views: {
    readonly count: number;
    readonly seed: number;
    readonly augmentation: Augmentation | null;
  };
  readonly withInputs: boolean;
  readonly teacherClasses?: readonly string[] | undefined;
  readonly generated?: GeneratedSpec | undefined;
  readonly runtime: string;
}

/** Where the package lies in the task's result. */
export const packagePrefix = "package/";
/** labelling.json: seconds, which are no function of the task. */
export const labellingName = "labelling.json";

async function* writeLabels(
  work: TaskWork,
  spec: LabelsTaskSpec,
  { inputs, teachers, createdBy }: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const { precision, views, withInputs, teacherClasses, generated } = spec;
  const samples = await sampleSet(work, spec.samples, inputs);
  const started = performance.now();
  yield* label({
    ...{ teacher: await teachers.get(spec.teacher, work), precision, views, withInputs, createdBy },
    dataset: { ...samples, name: spec.dataName },
    store: prefixStore(work.result, packagePrefix),
    signal: work.signal,
    ...(teacherClasses && { teacherClasses }),
    ...(generated && { generated }),
  });
  const seconds = (performance.now() - started) / 1000;
  await writeJson(work.result, labellingName, { seconds });
}

/** @returns the package that a "labels" task has written */
export function openedPackage(result: Store): Promise<SoftLabels> {
  return openSoftLabels(prefixStore(result, packagePrefix));
}

export const samplesKind: TaskKind<SamplesSpec> = { kind: "samples", version: 1, run: makeSamples };
export const labelsKind: TaskKind<LabelsTaskSpec> = {
  kind: "labels",
  version: 1,
  run: writeLabels,
};
