/** @file The tasks that a teacher takes, from what it is made of to its soft labels. */

import type { Dataset } from "../../data/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type {
  DistillOptions,
  EnsembleSource,
  LabelSpec,
  SpecialistsSource,
  TrainedTeacher,
} from "../options.ts";
import {
  type AskableSource,
  memberCount,
  networkCount,
  ownOr,
  partsSeenByTeacher,
  taughtPart,
} from "../teacher-source.ts";
import { teacherThreads } from "../teachers/local-work.ts";
import type { InputRef, TaskInputs } from "./inputs.ts";
import { addTask, type Needs } from "./kind.ts";
import { labelsKind, type SampleSetSpec, samplesKind } from "./labels.ts";
import type { MemberSpec, TeacherSpec } from "./open-teachers.ts";
import type { PlanBuilder } from "./plan.ts";
import { setsKind, specialistKind, weightsKind } from "./teacher-parts.ts";
import { normalTraining, teacherKind } from "./training.ts";

/** What a plan is made from. */
export interface Planning {
  readonly builder: PlanBuilder;
  readonly inputs: TaskInputs;
  readonly options: Pick<
    DistillOptions,
    "data" | "distillation" | "teacherClasses" | "training" | "transfer"
  >;
  /** of the runtime, for specs */
  readonly runtime: string;
}

/** A teacher as tasks name it. */
export interface PlannedTeacher {
  readonly spec: TeacherSpec;
  readonly needs: Needs;
  /** ids of the networks that are trained for it, by their names */
  readonly trained: ReadonlyMap<string, string>;
}

/** Teachers' seeds are far from the students', so that none shares another's initial weights. */
const teacherSeed = 1_000_000;
/** Specialists' seeds are far from students', teachers' and members'. */
const specialistSeed = 2_000_000;

/**
 * @param source has passed assertTeacherSource
 * @throws ConfigError "config/conflict" for several generalists
 */
export function planTeacher(source: AskableSource, planning: Planning): PlannedTeacher {
  const { inputs } = planning;
  switch (source.kind) {
    case "given":
      return {
        spec: { members: [{ given: inputs.teacher(source.teacher) }] },
        needs: {},
        trained: new Map(),
      };
    case "train": {
      const { combine, weights } = source.teacher;
      return planEnsemble({ kind: "ensemble", members: [source], combine, weights }, planning);
    }
    case "ensemble":
      return planEnsemble(source, planning);
    case "specialists":
      return planSpecialists(source, planning);
  }
}

function planEnsemble(source: EnsembleSource, planning: Planning): PlannedTeacher {
  const { inputs, builder, runtime, options } = planning;
  const { members: sources, combine, weights } = source;
  const total = sources.reduce((sum, member) => sum + memberCount(member), 0);
  const trained = new Map<string, string>();
  const members: MemberSpec[] = [];
  for (const own of sources) {
    if (own.kind === "given") {
      members.push({ given: inputs.teacher(own.teacher) });
      continue;
    }
    for (let at = 0; at < memberCount(own); at++) {
      const number = members.length + 1;
      const name = total === 1 ? "teacher" : `teacher/member-${number}`;
      trained.set(name, planNetwork(own.teacher, name, teacherSeed + number, planning));
      members.push({ threads: teacherThreads(own.teacher.training, options) });
    }
  }
  const needs = { teacher: [...trained.values()] };
  if (networkCount(source) === 1) return { spec: { members }, needs, trained }; // nothing to combine
  const spec = { members, combine };
  if (weights === undefined) return { spec, needs, trained };
  if (weights !== "validation") return { spec: { ...spec, weights }, needs, trained };
  const { data, teacherClasses } = options;
  const judged = taughtPart(partsSeenByTeacher(data).validation, teacherClasses);
  const validation = inputs.dataset(judged);
  const choosing = { spec: { teacher: spec, validation, runtime }, needs };
  const chosen = addTask(builder, weightsKind, "teacher/weights", choosing);
  return { spec, needs: { ...needs, weights: [chosen] }, trained };
}

/** @returns the id of a training of one network that will be asked */
function planNetwork(
  { network, training, data: own }: TrainedTeacher,
  name: string,
  seed: number,
  { builder, inputs, options, runtime }: Planning,
): string {
  const { data, teacherClasses } = options;
  const shared = partsSeenByTeacher(data);
  const train = inputs.dataset(taughtPart(ownOr(own, shared.train), teacherClasses));
  const validation = inputs.dataset(taughtPart(shared.validation, teacherClasses));
  return addTask(builder, teacherKind, name, {
    spec: {
      ...{ network, training: normalTraining(training), seed },
      ...{ train: { data: train }, validation, runtime },
    },
    needs: {},
  });
}

function planSpecialists(
  { generalist, specialists, data: given }: SpecialistsSource,
  planning: Planning,
): PlannedTeacher {
  const { inputs, builder, options, runtime } = planning;
  const trained = new Map<string, string>();
  const threads = teacherThreads(specialists.training, options);
  const model = generalist.kind === "model" ? inputs.model(generalist.model) : undefined;
  if (generalist.kind === "train") {
    const own = oneNetwork(generalist.teacher);
    const name = "teacher/generalist";
    trained.set(name, planNetwork(own, name, teacherSeed + 1, planning));
  }
  const needs = { teacher: [...trained.values()] };
  const shared = partsSeenByTeacher(options.data);
  const known = generalist.kind === "train" ? generalist.teacher.data : undefined;
  const parts = {
    train: inputs.dataset(ownOr(given ?? known, shared.train)),
    validation: inputs.dataset(shared.validation),
  };
  const { count, size, seed, temperature, clusterOn = "train", active = 1 } = specialists;
  const teacher: TeacherSpec = { members: [{ ...(model && { model }), threads }] };
  const sets = addTask(builder, setsKind, "teacher/sets", {
    spec: { teacher, seen: parts[clusterOn], options: { count, size, seed, temperature }, runtime },
    needs,
  });
  const { training, softWeight = 0, softTemperature = 2 } = specialists;
  const asked = { training: normalTraining(training), softWeight, softTemperature };
  const places = Array.from({ length: count }, (_, place) => place);
  for (const place of places) {
    const name = `teacher/specialist-${place + 1}`;
    const own = { ...parts, ...asked, teacher, model, place, seed: specialistSeed + place };
    const task = { spec: { ...own, runtime }, needs: { ...needs, sets: [sets] } };
    trained.set(name, addTask(builder, specialistKind, name, task));
  }
  const own = places.map((place) => trained.get(`teacher/specialist-${place + 1}`)!); // added above
  return {
    spec: { ...teacher, specialists: { active, threads } },
    needs: { ...needs, specialists: own },
    trained,
  };
}

function oneNetwork(generalist: TrainedTeacher): TrainedTeacher {
  if ((generalist.members ?? 1) === 1) return generalist;
  throw new ConfigError("config/conflict", {
    where: "specialists",
    rule: "specialists start from the weights of one generalist",
    got: `${generalist.members} members`,
    fix: "Train one generalist",
  });
}

/** Soft labels as tasks name them, and the samples that they are of. */
export interface PlannedLabels {
  /** its one id */
  readonly id: string;
  readonly samples: SampleSetSpec;
  /** the role "samples", where they are made */
  readonly needs: Needs;
  /** who is asked: one member in place of all, if the labels are averaged */
  readonly asked: TeacherSpec;
}

/** @param train what is labelled: the run's training part, or what promises it */
export function planLabels(
  { spec: whole, needs }: PlannedTeacher,
  train: Dataset,
  labels: LabelSpec,
  planning: Planning,
  name = "soft labels",
): PlannedLabels {
  const { builder, inputs, options, runtime } = planning;
  const { precision = "float16", views: count = 1, augmentation = null, seed = 0 } = labels;
  const asked = labels.members === "averaged" ? { ...whole, averaged: true as const } : whole;
  const ref = inputs.dataset(train);
  const generated = options.transfer?.generated;
  const made = generated && planSamples(whole, needs, ref, { ...planning, generated });
  const samples = made === undefined ? { data: ref } : { like: ref, name: train.name };
  const own: Needs = { samples: made === undefined ? [] : [made] };
  const id = addTask(builder, labelsKind, name, {
    spec: {
      ...{ teacher: asked, samples, dataName: train.name, precision },
      ...{ views: { count, seed, augmentation }, withInputs: labels.withInputs ?? false },
      ...{ teacherClasses: options.teacherClasses, generated, runtime },
    },
    needs: { ...needs, ...own },
  });
  return { id, samples, needs: own, asked };
}

function planSamples(
  teacher: TeacherSpec,
  needs: Needs,
  like: InputRef<"data">,
  {
    builder,
    options,
    runtime,
    generated,
  }: Planning & { readonly generated: NonNullable<DistillOptions["transfer"]>["generated"] & {} },
): string {
  const { threads = 1 } = options.training;
  const spec = { teacher, like, generated, threads, runtime };
  return addTask(builder, samplesKind, "generated samples", { spec, needs });
}
