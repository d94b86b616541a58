/** @file What is measured of a comparison, and the file that is shipped: the test split's turn. */

import type { ArmName } from "../options.ts";
import { exportKind } from "./finish.ts";
import { addTask, type Needs } from "./kind.ts";
import { measurementKind, recognitionKind, teacherMeasurementKind } from "./measurement.ts";
import type { PlannedRate, PlannedStudents } from "./plan-students.ts";
import type { PlannedTeacher } from "./plan-teacher.ts";

/** What each precision of the soft labels costs is measured for these. */
export const precisions = ["float32", "float16", "int8"] as const;

/** Ids of one student's tasks. */
export interface StudentIds {
  readonly seed: number;
  readonly student: string;
  /** with corrected biases; the student itself where nothing is corrected */
  readonly corrected: string;
  readonly measured: string;
  /** of the student before its biases were corrected; equal to `measured` elsewhere */
  readonly measuredBefore: string;
}

/** Where the results of a comparison lie. */
export interface ComparisonIds {
  readonly teachers: ReadonlyMap<string, string>;
  /** null for a package that is there */
  readonly labels: string | null;
  readonly checks: string;
  readonly ranking: string | null;
  readonly arms: ReadonlyMap<
    ArmName,
    { readonly choice: string | null; readonly runs: readonly StudentIds[] }
  >;
  readonly whole: readonly StudentIds[];
  readonly convergence: readonly {
    readonly arm: "distilled" | "scratch";
    readonly seed: number;
    readonly student: string;
    readonly rate: PlannedRate;
  }[];
  readonly precisions: readonly {
    readonly precision: (typeof precisions)[number];
    readonly labels: string;
    readonly measured: string;
  }[];
  readonly teacherMeasured: string | null;
  readonly recognition: string | null;
  readonly exported: string;
}

/** What is to be measured. */
export interface Trained {
  readonly corrected: ReadonlyMap<
    ArmName,
    readonly { readonly seed: number; readonly student: string; readonly corrected: string }[]
  >;
  readonly whole: readonly { readonly seed: number; readonly student: string }[];
  readonly precise: readonly {
    readonly precision: (typeof precisions)[number];
    readonly labels: string;
    readonly student: string;
  }[];
  readonly tuned: ReadonlyMap<ArmName, PlannedRate>;
}

/** The test split's turn. */
export function planMeasurements(
  students: PlannedStudents,
  teacher: PlannedTeacher | null,
  { corrected, whole, precise, tuned }: Trained,
): Pick<
  ComparisonIds,
  "arms" | "whole" | "precisions" | "teacherMeasured" | "recognition" | "exported"
> {
  const { options, inputs, runtime, builder } = students;
  const test = inputs.dataset(options.data.test);
  const measure = (
    name: string,
    student: string,
    train: { readonly spec: PlannedStudents["samples"]; readonly needs: Needs } | undefined,
    latency = false,
  ): string =>
    addTask(builder, measurementKind, `${name}, test`, {
      spec: { test, latency, runtime, ...(train && { train: train.spec }) },
      needs: { student: [student], ...(train?.needs ?? {}) },
    });
  const own = { spec: students.samples, needs: students.sampleNeeds };
  const arms = new Map(
    Array.from(corrected, ([arm, runs]) => {
      const isShown = arm === "distilled" || arm === "scratch";
      const train = options.transfer !== undefined && isShown ? own : undefined;
      const measured = runs.map((run): StudentIds => {
        const name = `${arm}/seed-${run.seed}`;
        const after = measure(name, run.corrected, train, true);
        const isOne = run.corrected === run.student || train === undefined;
        const before = isOne ? after : measure(`${name}, before`, run.student, train);
        return { ...run, measured: after, measuredBefore: before };
      });
      return [arm, { choice: tuned.get(arm)?.rate ?? null, runs: measured }] as const;
    }),
  );
  const all = options.transfer && {
    ...{ spec: { data: inputs.dataset(options.transfer.whole) }, needs: {} },
  };
  const ofWhole = whole.map(({ seed, student }): StudentIds => {
    const measured = measure(`whole/seed-${seed}`, student, all);
    return { seed, student, corrected: student, measured, measuredBefore: measured };
  });
  const precision = precise.map(({ student, ...about }) => ({
    ...about,
    measured: measure(`precision/${about.precision}`, student, undefined),
  }));
  const teacherMeasured =
    teacher &&
    addTask(builder, teacherMeasurementKind, "teacher, test", {
      spec: { teacher: teacher.spec, test, runtime },
      needs: teacher.needs,
    });
  return {
    ...{ arms, whole: ofWhole, precisions: precision, teacherMeasured },
    recognition: planRecognition(students, teacher, teacherMeasured, arms),
    exported: planExport(students, arms),
  };
}

function planRecognition(
  { options, inputs, builder, runtime }: PlannedStudents,
  teacher: PlannedTeacher | null,
  teacherMeasured: string | null,
  arms: ComparisonIds["arms"],
): string | null {
  const { recognition, data } = options;
  if (recognition === undefined) return null;
  const runs = Array.from(arms, ([arm, { runs: own }]) =>
    own.map((run) => ({ arm, ...run })),
  ).flat();
  const [validation, test] = [inputs.dataset(data.validation), inputs.dataset(data.test)];
  return addTask(builder, recognitionKind, "recognition", {
    spec: {
      ...{ options: inputs.recognition(recognition), validation, test, runtime },
      students: runs.map(({ arm, seed }) => ({ arm, seed })),
      ...(teacher && { teacher: teacher.spec }),
    },
    needs: {
      ...(teacher?.needs ?? {}),
      students: runs.map(({ corrected }) => corrected),
      measurements: runs.map(({ measured }) => measured),
      teacherMeasurement: teacherMeasured === null ? [] : [teacherMeasured],
    },
  });
}

/** The distilled students, or those of the first arm: the best on validation is shipped. */
function planExport(
  { options, inputs, builder, runtime }: PlannedStudents,
  arms: ComparisonIds["arms"],
): string {
  const { runs } = arms.get("distilled") ?? [...arms.values()][0]!; // at least one arm
  const validation = inputs.dataset(options.data.validation);
  return addTask(builder, exportKind, "student", {
    spec: { seeds: runs.map(({ seed }) => seed), validation, runtime },
    needs: { students: runs.map(({ corrected }) => corrected) },
  });
}
