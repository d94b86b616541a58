/**
 * @file Teachers as tasks name them, opened once in a process, closed at its end. One that was
 * given stays its owner's.
 */

import type { CombineMethod, Store } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { type OpenFeatures, openFeatures } from "../features/open-features.ts";
import { modelName } from "../job-files.ts";
import { type Specialist, specialistsTeacher } from "../specialists/specialists-teacher.ts";
import { averagedTeacher } from "../teachers/averaged-teacher.ts";
import { ensembleTeacher } from "../teachers/ensemble-teacher.ts";
import type { TeacherThreads } from "../teachers/local-work.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { type Model, readModel } from "../training/model-file.ts";
import type { NeedsOf } from "./execute.ts";
import type { InputRef, TaskInputs } from "./inputs.ts";
import { readJson } from "./result-files.ts";
import { canonicalJson } from "./task.ts";

/** One network, or one teacher that is there. */
export type MemberSpec =
  /** `model`: its weights, or undefined for the next result of the role "teacher" */
  | { readonly model?: InputRef<"model">; readonly threads: TeacherThreads }
  | { readonly given: InputRef<"teacher"> };

/** A teacher in a task's spec. Its task needs what `teacherRoles` names. */
export interface TeacherSpec {
  /** of an ensemble; of specialists the generalist alone */
  readonly members: readonly MemberSpec[];
  readonly combine?: CombineMethod | undefined;
  /** default equal, or what the role "weights" has chosen */
  readonly weights?: readonly number[] | undefined;
  /** its specialists are the role "specialists" */
  readonly specialists?: { readonly active: number; readonly threads: TeacherThreads };
  /** one member in place of all: see averagedTeacher */
  readonly averaged?: true | undefined;
}

/** specialist.json: null for one that there are no confusable classes for */
export type SpecialistFile = Pick<Specialist, "classes" | "dustbinCorrection"> | null;

export const specialistName = "specialist.json";
export const weightsName = "weights.json";

const teacherRoles = ["teacher", "weights", "specialists"] as const;

/** @returns the model in a result; undefined for one without */
export async function modelIn(result: Store): Promise<Model | undefined> {
  const bytes = await result.read(modelName);
  return bytes && readModel(bytes, `${result.location}/${modelName}`);
}

/** @returns the model of a result that has one */
export async function storedModel(result: Store): Promise<Model> {
  return (await modelIn(result))!; // of a whole result
}

export class OpenTeachers {
  readonly #runtime: Runtime;
  readonly #inputs: TaskInputs;
  readonly #opened: { readonly close: () => Promise<void> }[] = [];
  readonly #networks = new Map<string, Promise<Teacher>>();
  readonly #teachers = new Map<string, Promise<Teacher>>();
  readonly #features = new Map<string, Promise<OpenFeatures>>();

  constructor(runtime: Runtime, inputs: TaskInputs) {
    this.#runtime = runtime;
    this.#inputs = inputs;
  }

  /** @returns the teacher that the spec and the task's needs are about */
  async get(spec: TeacherSpec, work: NeedsOf): Promise<Teacher> {
    const { averaged, ...whole } = spec;
    const teacher = await once(this.#teachers, keyOf(whole, work), () => this.#open(whole, work));
    return averaged === true ? averagedTeacher(teacher) : teacher;
  }

  /** @returns its layers, which keep answers for all who ask. @param batchSize of the first */
  async features(
    spec: TeacherSpec,
    work: NeedsOf,
    layers: readonly string[],
    batchSize: number,
  ): Promise<OpenFeatures> {
    const { averaged: _, ...whole } = spec;
    const key = `${keyOf(whole, work)} ${layers.join()}`;
    return once(this.#features, key, async () => {
      const features = await openFeatures(await this.get(whole, work), layers, batchSize);
      this.#opened.push(features);
      return features;
    });
  }

  /** @returns every teacher that was opened or asked, as it is now */
  async all(): Promise<readonly Teacher[]> {
    return Promise.all(this.#teachers.values());
  }

  async close(): Promise<void> {
    const closing = await Promise.allSettled(this.#opened.map((each) => each.close()));
    const failed = closing.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  async #open(spec: TeacherSpec, work: NeedsOf): Promise<Teacher> {
    const members: Teacher[] = [];
    let trained = 0;
    for (const member of spec.members)
      if ("given" in member) members.push(this.#inputs.get(member.given));
      else if (member.model !== undefined) {
        const { model, threads } = member;
        members.push(await this.#network(model, async () => this.#inputs.get(model), threads));
      } else members.push(await this.#trained("teacher", trained++, work, member.threads));
    if (spec.specialists !== undefined)
      return this.#withSpecialists(members[0]!, spec.specialists, work); // the generalist
    if (spec.members.length === 1 && "given" in spec.members[0]!) return members[0]!; // as it is
    const { combine } = spec;
    const teacher = ensembleTeacher(members, { ...(combine && { combine }) });
    const [chosen] = work.needs.weights ?? [];
    const weights =
      chosen === undefined
        ? spec.weights
        : (await readJson<{ weights: readonly number[] }>(chosen, weightsName)).weights;
    if (weights === undefined || teacher.members.length === 1) return teacher;
    return ensembleTeacher(members, { combine: teacher.combine, weights });
  }

  async #withSpecialists(
    generalist: Teacher,
    { active, threads }: NonNullable<TeacherSpec["specialists"]>,
    work: NeedsOf,
  ): Promise<Teacher> {
    const specialists: Specialist[] = [];
    for (const [at, result] of (work.needs.specialists ?? []).entries()) {
      const file = await readJson<SpecialistFile>(result, specialistName);
      if (file === null) continue;
      const teacher = await this.#trained("specialists", at, work, threads);
      specialists.push({ teacher, ...file });
    }
    return specialistsTeacher(generalist, specialists, { active });
  }

  #trained(
    role: "teacher" | "specialists",
    at: number,
    { task, needs }: NeedsOf,
    threads: TeacherThreads,
  ): Promise<Teacher> {
    const result = needs[role]![at]!; // one for each network that is trained
    return this.#network(task.needs[role]![at]!, () => storedModel(result), threads);
  }

  /** One network is opened once, whatever it is part of. */
  #network(id: string, model: () => Promise<Model>, threads: TeacherThreads): Promise<Teacher> {
    return once(this.#networks, canonicalJson([id, threads], "network"), async () => {
      const teacher = await networkTeacher(this.#runtime, await model(), threads);
      let closing: Promise<void> | undefined;
      const own = { ...teacher, close: () => (closing ??= teacher.close()) }; // of several owners
      this.#opened.push(own);
      return own;
    });
  }
}

function keyOf(spec: TeacherSpec, { task }: NeedsOf): string {
  const needs = teacherRoles.map((role) => task.needs[role] ?? []);
  return canonicalJson([spec, needs], "teacher");
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
