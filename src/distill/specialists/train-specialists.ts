/** @file Trains a generalist's specialists, each a job of its own that resumes. */

import { alignSoftLabels, memoryStore, openSoftLabels } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { assertInRange } from "../../errors/index.ts";
import type { DistillEvent } from "../events.ts";
import type { Job, SoftSource } from "../job.ts";
import { label } from "../label.ts";
import { teacherLogits } from "../member-logits.ts";
import type { DistillOptions } from "../options.ts";
import { prefixStore } from "../prefix-store.ts";
import type { RunJobs } from "../run-jobs.ts";
import { closeUnlessDone } from "../teachers/close-unless-done.ts";
import { teacherThreads } from "../teachers/local-work.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { Model } from "../training/model-file.ts";
import type { TrainingSpec } from "../training-spec.ts";
import {
  assertConfusable,
  type ConfusableOptions,
  confusableClasses,
} from "./confusable-classes.ts";
import { projectedTeacher } from "./projected-teacher.ts";
import { specialData } from "./special-data.ts";
import { specialistWeights } from "./specialist-weights.ts";
import {
  type Specialist,
  type SpecialistsTeacher,
  specialistsTeacher,
} from "./specialists-teacher.ts";

/** How specialists are made and asked. */
export interface SpecialistsSpec extends ConfusableOptions {
  /** of each specialist, from the generalist's weights on */
  readonly training: TrainingSpec;
  /**
   * on which part the generalist's predictions are taken for the clustering, without labels:
   * "train" (default) or "validation", where a generalist that knows its training samples by heart
   * still makes its mistakes
   */
  readonly clusterOn?: "train" | "validation";
  /**
   * weight of the generalist's soft targets beside the hard labels, which keep a specialist from
   * overfitting; default 0: hard labels alone, as in the paper
   */
  readonly softWeight?: number;
  /** of these soft targets; default 2 */
  readonly softTemperature?: number;
  /** most probable classes of the generalist for which specialists are asked; default 1 */
  readonly active?: number;
}

type Context = Pick<DistillOptions, "data" | "store" | "signal" | "createdBy" | "distillation"> & {
  readonly runtime: Runtime;
};

/** @throws ConfigError "config/range" for what the classes do not allow, before any training */
export function assertSpecialists(spec: SpecialistsSpec, classes: number): void {
  assertConfusable(spec, classes);
  const { active = 1, softWeight = 0, softTemperature = 2 } = spec;
  assertInRange("specialists", { active }, { from: 1, to: classes, isInteger: true });
  assertInRange("specialists", { softWeight }, { from: 0 });
  assertInRange("specialists", { softTemperature }, { above: 0 });
}

/**
 * The classes that the generalist confuses are clustered; each cluster gets a specialist, which
 * starts with the generalist's weights and trains on samples of which half are of its classes.
 * Where that fails or is stopped, generalist and specialists are closed.
 *
 * @param prefix place of the jobs in the run: "teacher/"
 * @throws ConfigError "specialists/…", "config/range"; DataError "specialists/data"; whatever
 *   training refuses
 * @see Hinton, Vinyals, Dean (2015), §5, arXiv:1503.02531
 */
export async function* trainSpecialists(
  model: Model,
  spec: SpecialistsSpec,
  context: Context,
  jobs: RunJobs,
  prefix: string = "teacher/",
): AsyncGenerator<DistillEvent, SpecialistsTeacher> {
  const threads = teacherThreads(spec.training, context);
  const generalist = await networkTeacher(context.runtime, model, threads);
  const opened = [generalist];
  const work = askedSpecialists({ model, generalist, opened, prefix }, spec, context, jobs);
  return yield* closeUnlessDone(opened, work);
}

interface Work {
  readonly model: Model;
  readonly generalist: Teacher;
  /** every teacher that is open */
  readonly opened: Teacher[];
  readonly prefix: string;
}

async function* askedSpecialists(
  { model, generalist, opened, prefix }: Work,
  spec: SpecialistsSpec,
  context: Context,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, SpecialistsTeacher> {
  const { runtime, data } = context;
  const threads = teacherThreads(spec.training, context);
  const seen = data[spec.clusterOn ?? "train"];
  const logits = await teacherLogits(generalist, seen);
  const sets = confusableClasses(logits, generalist.classCount, spec);
  const specialists: Specialist[] = [];
  for (const [index, classes] of sets.entries()) {
    const id = `${prefix}specialist-${index + 1}`;
    const parts = { model, generalist, classes, id, seed: specialistSeed + index };
    const { job, dustbinCorrection } = yield* specialistJob(parts, spec, context);
    const trained = yield* jobs.run(job);
    const teacher = await networkTeacher(runtime, trained.model, threads);
    opened.push(teacher);
    specialists.push({ teacher, classes, dustbinCorrection });
  }
  return specialistsTeacher(generalist, specialists, { active: spec.active ?? 1 });
}

/** Specialists' seeds are far from students', teachers' and members'. */
const specialistSeed = 2_000_000;

interface Parts {
  readonly model: Model;
  readonly generalist: Teacher;
  readonly classes: readonly number[];
  readonly id: string;
  readonly seed: number;
}

async function* specialistJob(
  parts: Parts,
  spec: SpecialistsSpec,
  context: Context,
): AsyncGenerator<DistillEvent, { readonly job: Job; readonly dustbinCorrection: number }> {
  const { model, classes, id, seed } = parts;
  const { train, validation } = context.data;
  const own = specialData(train, classes, { name: `${train.name}, ${id}`, seed });
  const seen = specialData(validation, classes, { name: `${validation.name}, ${id}`, seed });
  const { dustbinCorrection } = own;
  const soft =
    spec.softWeight === undefined || spec.softWeight === 0
      ? undefined
      : yield* generalistTargets(parts, own, spec, context);
  const job: Job = {
    id,
    network: model.spec,
    train: own.dataset,
    validation: seen.dataset,
    training: spec.training,
    seed,
    start: specialistWeights(model, classes),
    soft,
  };
  return { job, dustbinCorrection };
}

/** The generalist's opinion on a specialist's samples, as soft labels in the run folder. */
async function* generalistTargets(
  { generalist, classes, id }: Parts,
  { dataset, dustbinCorrection }: ReturnType<typeof specialData>,
  { softWeight = 0, softTemperature = 2 }: SpecialistsSpec,
  { store = memoryStore(), createdBy, signal }: Context,
): AsyncGenerator<DistillEvent, SoftSource> {
  const { classNames } = dataset;
  const teacher = projectedTeacher(generalist, classes, { classNames, dustbinCorrection });
  const place = prefixStore(store, `jobs/${id}/soft-labels/`);
  yield* label({ teacher, dataset, store: place, createdBy, ...(signal && { signal }) });
  const softLabels = await openSoftLabels(place);
  return {
    softLabels,
    rows: alignSoftLabels(softLabels, dataset),
    spec: { temperature: softTemperature, softWeight, hardWeight: 1 },
  };
}
