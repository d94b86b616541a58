/** @file A teacher that knows some of the data's classes: it is measured over these. */

import { knownSamples, teacherColumns } from "../../data/index.ts";
import type { TeacherParts } from "../../distill/index.ts";
import { selectScores } from "../../distill/metrics/index.ts";
import type { ReportInput } from "./input.ts";
import type { Report } from "./report.ts";

/**
 * @returns the input over the teacher's classes alone: test samples of these, and of every model's
 *   logits their columns; the input itself for a teacher of all classes
 */
export function overTeacherClasses(input: ReportInput): ReportInput {
  const { teacher, arms, data, testLabels, testGroups, teacherParts = null } = input;
  const { classNames: teacherClasses } = teacher;
  if (teacherClasses === undefined) return input;
  const both = { classNames: data.classNames, teacherClasses };
  const samples = knownSamples(testLabels, both)!; // of a teacher of some classes
  const classes = teacherColumns(both)!;
  const own = (logits: Float32Array): Float32Array =>
    selectScores(logits, teacherClasses.length, { samples });
  const student = (logits: Float32Array): Float32Array =>
    selectScores(logits, data.classNames.length, { samples, classes });
  return {
    ...input,
    data: { ...data, classNames: teacherClasses, testSize: samples.length },
    teacher: { ...teacher, testLogits: teacher.testLogits.map(own) },
    arms: arms.map((arm) => ({
      ...arm,
      perSeed: arm.perSeed.map((run) => ({ ...run, testLogits: student(run.testLogits) })),
    })),
    testLabels: Int32Array.from(samples, (at) => classes.indexOf(testLabels[at]!)),
    testGroups: testGroups && Array.from(samples, (at) => testGroups[at]!),
    teacherParts: teacherParts && ownParts(teacherParts, own),
  };
}

/** Specialists are of a teacher of all classes. */
function ownParts(parts: TeacherParts, own: (logits: Float32Array) => Float32Array): TeacherParts {
  if (parts.kind === "specialists") return parts;
  const members = parts.members.map((each) => ({ ...each, testLogits: own(each.testLogits) }));
  return { ...parts, members };
}

/** @returns what must be said beside the teacher's numbers; nothing of a teacher of all classes */
export function teacherNotes({ models, data }: Pick<Report, "models" | "data">): readonly string[] {
  const { classes } = models.teacher;
  if (classes === null || classes.names.length === data.classNames.length) return [];
  const { names, testSize } = classes;
  return [
    `The teacher knows ${names.join(", ")} alone: its numbers are of the ${testSize} test samples of these classes (of ${data.testSize}), and students are compared with it on these, over these classes.`,
  ];
}
