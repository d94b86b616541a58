/**
 * @file Tasks that look at the test split, each model once: "measurement" of a student,
 * "teacherMeasurement" with its parts, "recognition" of words. Nothing is chosen by them.
 */

import { type Dataset, labelledSamples, UNLABELLED } from "../../data/index.ts";
import type { DistillEvent } from "../events.ts";
import { modelLatency, teacherLatency } from "../final-stage.ts";
import { accuracy } from "../metrics/index.ts";
import { modelLogits } from "../model-logits.ts";
import type { ArmName, Latency } from "../options.ts";
import { measureRecognition, type RecognitionResult } from "../recognition/recognize.ts";
import { type TeacherParts, type TestedTeacher, testTeacher } from "../teacher-parts.ts";
import type { Teacher, TeacherDescription } from "../teachers/teacher.ts";
import type { TaskWork } from "./execute.ts";
import type { InputRef } from "./inputs.ts";
import { neededBy, type TaskContext, type TaskKind } from "./kind.ts";
import { type SampleSetSpec, sampleSet } from "./labels.ts";
import { storedModel, type TeacherSpec } from "./open-teachers.ts";
import { readFloats, readJson, writeFloats, writeJson } from "./result-files.ts";
import { trainedResult } from "./training.ts";

/** Of the model in the role "student". */
export interface MeasurementSpec {
  readonly test: InputRef<"data">;
  /** its training samples, of which the labelled ones are counted too */
  readonly train?: SampleSetSpec | undefined;
  readonly latency: boolean;
  readonly runtime: string;
}

export interface Measured {
  /** float32 [test samples, classes] */
  readonly testLogits: Float32Array;
  /** on the training samples that have a label; null if none has, or it was not asked for */
  readonly trainAccuracy: number | null;
  /** null if it was not asked for */
  readonly latencyMs: Latency | null;
}

const logitsName = "test-logits.bin";
const measuredName = "measured.json";
/** What a clock says, which is no function of the task. */
const latencyName = "latency.json";

async function measureStudent(
  work: TaskWork,
  { test, train, latency }: MeasurementSpec,
  { runtime, inputs }: TaskContext,
): Promise<void> {
  const model = await storedModel(neededBy(work, "student"));
  await writeFloats(work.result, logitsName, await modelLogits(runtime, model, inputs.get(test)));
  const known = train && labelledSamples(await sampleSet(work, train, inputs));
  const isKnown = known !== undefined && !known.labels.includes(UNLABELLED);
  const trainAccuracy = isKnown
    ? accuracy(await modelLogits(runtime, model, known), known.labels)
    : null;
  await writeJson(work.result, measuredName, { trainAccuracy });
  if (latency) await writeJson(work.result, latencyName, await modelLatency(runtime, model));
}

type Result = TaskWork["result"];

export async function readMeasured(result: Result): Promise<Measured> {
  const { trainAccuracy } = await readJson<Pick<Measured, "trainAccuracy">>(result, measuredName);
  return {
    testLogits: await readFloats(result, logitsName),
    trainAccuracy,
    latencyMs: await readLatency(result),
  };
}

async function readLatency(result: Result): Promise<Latency | null> {
  return (await result.read(latencyName)) === undefined ? null : readJson(result, latencyName);
}

export const measurementKind: TaskKind<MeasurementSpec> = {
  kind: "measurement",
  version: 1,
  run: measureStudent,
};

export interface TeacherMeasurementSpec {
  readonly teacher: TeacherSpec;
  readonly test: InputRef<"data">;
  readonly runtime: string;
}

export interface MeasuredTeacher extends TestedTeacher {
  readonly teacher: TeacherDescription;
  readonly latencyMs: Latency | null;
}

const teacherName = "teacher.json";

/** What is kept of its parts: all but their logits, which are files of their own. */
type KeptParts =
  | (Omit<Extract<TeacherParts, { kind: "ensemble" }>, "members"> & { readonly names: string[] })
  | (Omit<Extract<TeacherParts, { kind: "specialists" }>, "generalist"> & {
      readonly names: string[];
    })
  | null;

const partName = (at: number): string => `part-${at + 1}.bin`;

async function measureTeacher(
  work: TaskWork,
  { teacher: spec, test }: TeacherMeasurementSpec,
  { inputs, teachers }: TaskContext,
): Promise<void> {
  const { result } = work;
  const teacher = await teachers.get(spec, work);
  const { testLogits, parts } = await testTeacher(teacher, inputs.get(test));
  await writeFloats(result, logitsName, testLogits);
  const own = parts === null ? [] : "members" in parts ? parts.members : [parts.generalist];
  for (const [at, part] of own.entries()) await writeFloats(result, partName(at), part.testLogits);
  await writeJson(result, teacherName, {
    teacher: described(teacher),
    parts: parts && keptParts(parts),
  });
  const latency = await teacherLatency(teacher);
  if (latency !== null) await writeJson(result, latencyName, latency);
}

function described(teacher: Teacher): TeacherDescription {
  const { name, hash, members, combine, weights, classCount, classNames } = teacher;
  const { parameters, macs, bytes, summary } = teacher;
  return {
    ...{ name, hash, members, combine, classCount, classNames, parameters, macs, bytes, summary },
    ...(weights && { weights }),
  };
}

function keptParts(parts: TeacherParts): KeptParts {
  if (parts.kind === "ensemble") {
    const { members, ...rest } = parts;
    return { ...rest, names: members.map(({ name }) => name) };
  }
  const { generalist, ...rest } = parts;
  return { ...rest, names: [generalist.name] };
}

export async function readMeasuredTeacher(result: Result): Promise<MeasuredTeacher> {
  const { teacher, parts } = await readJson<{
    readonly teacher: TeacherDescription;
    readonly parts: KeptParts;
  }>(result, teacherName);
  const part = async (name: string, at: number) => ({
    name,
    testLogits: await readFloats(result, partName(at)),
  });
  const own = await Promise.all((parts?.names ?? []).map(part));
  return {
    teacher,
    testLogits: await readFloats(result, logitsName),
    parts: parts && withLogits(parts, own),
    latencyMs: await readLatency(result),
  };
}

function withLogits(
  { names: _, ...parts }: NonNullable<KeptParts>,
  own: Extract<TeacherParts, { kind: "ensemble" }>["members"],
): TeacherParts {
  return parts.kind === "ensemble" ? { ...parts, members: own } : { ...parts, generalist: own[0]! }; // it has one
}

export const teacherMeasurementKind: TaskKind<TeacherMeasurementSpec> = {
  kind: "teacherMeasurement",
  version: 1,
  run: measureTeacher,
};

/** Of the teacher, and of the students in the role "students" with their measurements. */
export interface RecognitionSpec {
  readonly options: InputRef<"recognition">;
  readonly teacher?: TeacherSpec | undefined;
  readonly validation: InputRef<"data">;
  readonly test: InputRef<"data">;
  /** of each student in turn */
  readonly students: readonly { readonly arm: ArmName; readonly seed: number }[];
  readonly runtime: string;
}

const recognitionName = "recognition.json";

async function* recognize(
  work: TaskWork,
  { options, teacher: spec, validation, test, students }: RecognitionSpec,
  { runtime, inputs, teachers }: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const data: { readonly validation: Dataset; readonly test: Dataset } = {
    validation: inputs.get(validation),
    test: inputs.get(test),
  };
  const teacher = spec === undefined ? null : await teachers.get(spec, work);
  const measured = teacher && (await readMeasuredTeacher(neededBy(work, "teacherMeasurement")));
  const arms = new Map<
    ArmName,
    { seed: number; model: Awaited<ReturnType<typeof storedModel>>; testLogits: Float32Array }[]
  >();
  for (const [at, { arm, seed }] of students.entries()) {
    const { model } = await trainedResult(work.needs.students![at]!, arm); // one each
    const { testLogits } = await readMeasured(work.needs.measurements![at]!);
    arms.set(arm, [...(arms.get(arm) ?? []), { seed, model, testLogits }]);
  }
  const result = yield* measureRecognition(
    { recognition: inputs.get(options), runtime, data, signal: work.signal },
    teacher,
    measured,
    Array.from(arms, ([arm, runs]) => ({ arm, runs })),
  );
  await writeJson(work.result, recognitionName, result);
}

export function readRecognition(result: Result): Promise<RecognitionResult> {
  return readJson(result, recognitionName);
}

export const recognitionKind: TaskKind<RecognitionSpec> = {
  kind: "recognition",
  version: 1,
  run: recognize,
};
