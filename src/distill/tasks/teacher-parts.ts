/**
 * @file Tasks of a teacher that is made of several: "weights" of an ensemble's members, "sets" of
 * classes that a generalist confuses, and "specialist", a network for one of these sets.
 */

import { alignSoftLabels, openSoftLabels } from "../../data/index.ts";
import type { DistillEvent } from "../events.ts";
import type { Job, SoftSource } from "../job.ts";
import { label } from "../label.ts";
import { memberLogits, teacherLogits } from "../member-logits.ts";
import { prefixStore } from "../prefix-store.ts";
import { confusableClasses } from "../specialists/confusable-classes.ts";
import { projectedTeacher } from "../specialists/projected-teacher.ts";
import { specialData } from "../specialists/special-data.ts";
import { specialistWeights } from "../specialists/specialist-weights.ts";
import type { SpecialistsSpec } from "../specialists/specialists-spec.ts";
import { validationWeights } from "../teachers/ensemble-weights.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { TaskWork } from "./execute.ts";
import type { InputRef } from "./inputs.ts";
import { neededBy, type TaskContext, type TaskKind } from "./kind.ts";
import {
  type SpecialistFile,
  specialistName,
  storedModel,
  type TeacherSpec,
  weightsName,
} from "./open-teachers.ts";
import { readJson, writeJson } from "./result-files.ts";
import { runTraining } from "./training.ts";

export interface WeightsSpec {
  /** without weights */
  readonly teacher: TeacherSpec;
  readonly validation: InputRef<"data">;
  readonly runtime: string;
}

async function chooseWeights(
  work: TaskWork,
  { teacher: spec, validation: ref }: WeightsSpec,
  { inputs, teachers }: TaskContext,
): Promise<void> {
  const teacher = await teachers.get(spec, work);
  const validation = inputs.get(ref);
  const logits = await memberLogits(teacher, validation);
  const { weights } = validationWeights(logits, validation.labels, teacher);
  await writeJson(work.result, weightsName, { weights: Array.from(weights) });
}

export const weightsKind: TaskKind<WeightsSpec> = {
  kind: "weights",
  version: 1,
  run: chooseWeights,
};

export interface SetsSpec {
  /** the generalist */
  readonly teacher: TeacherSpec;
  /** where its predictions are taken */
  readonly seen: InputRef<"data">;
  readonly options: Pick<SpecialistsSpec, "count" | "size" | "seed" | "temperature">;
  readonly runtime: string;
}

const setsName = "sets.json";

async function findSets(
  work: TaskWork,
  { teacher: spec, seen, options }: SetsSpec,
  { inputs, teachers }: TaskContext,
): Promise<void> {
  const generalist = await teachers.get(spec, work);
  const logits = await teacherLogits(generalist, inputs.get(seen));
  await writeJson(work.result, setsName, confusableClasses(logits, generalist.classCount, options));
}

export const setsKind: TaskKind<SetsSpec> = { kind: "sets", version: 1, run: findSets };

export interface SpecialistTaskSpec {
  /** the generalist, whose weights it starts from: `model`, or the role "teacher" */
  readonly teacher: TeacherSpec;
  readonly model?: InputRef<"model"> | undefined;
  /** which of the role "sets"; beyond them there is nothing to train */
  readonly place: number;
  readonly training: SpecialistsSpec["training"];
  readonly softWeight: number;
  readonly softTemperature: number;
  readonly train: InputRef<"data">;
  readonly validation: InputRef<"data">;
  readonly seed: number;
  readonly runtime: string;
}

async function* trainSpecialist(
  work: TaskWork,
  spec: SpecialistTaskSpec,
  context: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const sets = await readJson<readonly (readonly number[])[]>(neededBy(work, "sets"), setsName);
  const classes = sets[spec.place];
  if (classes === undefined) return writeJson(work.result, specialistName, null);
  const { inputs } = context;
  const { seed } = spec;
  const { name: id } = work.task;
  const part = (ref: InputRef<"data">) =>
    specialData(inputs.get(ref), classes, { name: `${inputs.get(ref).name}, ${id}`, seed });
  const [own, seen] = [part(spec.train), part(spec.validation)];
  const model =
    spec.model === undefined
      ? await storedModel(neededBy(work, "teacher"))
      : inputs.get(spec.model);
  const job: Job = {
    ...{ id, network: model.spec, train: own.dataset, validation: seen.dataset, seed },
    training: spec.training,
    start: specialistWeights(model, classes),
    soft:
      spec.softWeight === 0
        ? undefined
        : yield* generalistTargets({ classes, own }, work, spec, context),
  };
  yield* runTraining(job, work, context);
  const { dustbinCorrection } = own;
  await writeJson(work.result, specialistName, {
    classes,
    dustbinCorrection,
  } satisfies SpecialistFile);
}

/** The generalist's opinion on a specialist's samples. */
async function* generalistTargets(
  {
    classes,
    own: { dataset, dustbinCorrection },
  }: { readonly classes: readonly number[]; readonly own: ReturnType<typeof specialData> },
  work: TaskWork,
  { softWeight, softTemperature, teacher }: SpecialistTaskSpec,
  { teachers, createdBy }: TaskContext,
): AsyncGenerator<DistillEvent, SoftSource> {
  const { classNames } = dataset;
  const generalist: Teacher = await teachers.get(teacher, work);
  const projected = projectedTeacher(generalist, classes, { classNames, dustbinCorrection });
  const store = prefixStore(work.work, "soft-labels/");
  yield* label({ teacher: projected, dataset, store, createdBy, signal: work.signal });
  const softLabels = await openSoftLabels(store);
  return {
    softLabels,
    rows: alignSoftLabels(softLabels, dataset),
    spec: { temperature: softTemperature, softWeight, hardWeight: 1 },
  };
}

export const specialistKind: TaskKind<SpecialistTaskSpec> = {
  kind: "specialist",
  version: 1,
  run: trainSpecialist,
};
