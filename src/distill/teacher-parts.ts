/** @file What a teacher is made of, each part on the test split: members, or a generalist. */

import type { CombineMethod, Dataset } from "../data/index.ts";
import { combinedRows, logitsOfMember, memberLogits } from "./member-logits.ts";
import type { SpecialistsTeacher } from "./specialists/index.ts";
import type { Teacher } from "./teachers/teacher.ts";

export interface TeacherPart {
  readonly name: string;
  /** float32 [test samples, classes] */
  readonly testLogits: Float32Array;
}

/** An ensemble's members, or a generalist with its specialists' classes. */
export type TeacherParts =
  | {
      readonly kind: "ensemble";
      readonly combine: CombineMethod;
      /** relative; null where equal */
      readonly weights: readonly number[] | null;
      readonly members: readonly TeacherPart[];
    }
  | {
      readonly kind: "specialists";
      readonly generalist: TeacherPart;
      /** class indices of each specialist */
      readonly sets: readonly (readonly number[])[];
    };

/** What the test split says of a teacher and of its parts. */
export interface TestedTeacher {
  /** float32 [test samples, classes], as `DistillResult.teacherTestLogits` */
  readonly testLogits: Float32Array;
  /** null for one model, or a function */
  readonly parts: TeacherParts | null;
}

export async function testTeacher(teacher: Teacher, test: Dataset): Promise<TestedTeacher> {
  const logits = await memberLogits(teacher, test);
  const testLogits = combinedRows(logits, teacher);
  if (isSpecialists(teacher)) {
    const { generalist, specialists } = teacher;
    const own = combinedRows(await memberLogits(generalist, test), generalist);
    const sets = specialists.map(({ classes }) => classes);
    const part = { name: generalist.name, testLogits: own };
    return { testLogits, parts: { kind: "specialists", generalist: part, sets } };
  }
  const { members, combine, weights = null } = teacher;
  if (members.length === 1) return { testLogits, parts: null };
  const each = members.map(({ name }, member) => ({
    name,
    testLogits: logitsOfMember(logits, teacher, member),
  }));
  return { testLogits, parts: { kind: "ensemble", combine, weights, members: each } };
}

function isSpecialists(teacher: Teacher): teacher is SpecialistsTeacher {
  return "specialists" in teacher && "generalist" in teacher;
}
