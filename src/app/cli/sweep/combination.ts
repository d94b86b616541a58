/** @file How a teacher's members are combined, apart from the members themselves. */

import { assertMemberWeights, type CombineMethod } from "../../../data/index.ts";
import type { MemberWeights } from "../../../distill/index.ts";
import type { Recipe, TeacherRecipe } from "../../spec/index.ts";

/** Absent: arithmetic, equal. */
export interface Combination {
  readonly combine?: CombineMethod;
  readonly weights?: MemberWeights;
}

/** A combination whose weights are known. */
export interface SettledCombination extends Combination {
  readonly weights?: readonly number[];
}

export interface PartedTeacher {
  /** the teacher without its combination: what is trained and asked */
  readonly pool: TeacherRecipe;
  /** empty for a teacher of one member */
  readonly combination: Combination;
}

/** @returns what must be done once, and what a package of all members' logits leaves open */
export function partedTeacher(teacher: TeacherRecipe): PartedTeacher {
  if ("train" in teacher) {
    const { combine, weights, ...train } = teacher.train;
    return { pool: { train }, combination: combinationOf(teacher, { combine, weights }) };
  }
  if ("ensemble" in teacher || "softLabels" in teacher) {
    const { combine, weights, ...pool } = teacher;
    return { pool, combination: combinationOf(teacher, { combine, weights }) };
  }
  return { pool: teacher, combination: {} };
}

function combinationOf(
  teacher: TeacherRecipe,
  given: {
    readonly combine: CombineMethod | undefined;
    readonly weights: MemberWeights | undefined;
  },
): Combination {
  if (memberCount(teacher) === 1) return {};
  const { combine = "arithmetic", weights } = given;
  return { ...(combine !== "arithmetic" && { combine }), ...(weights && { weights }) };
}

/** @returns networks of a teacher that a recipe describes; null for a package */
function memberCount(teacher: TeacherRecipe): number | null {
  if ("softLabels" in teacher) return null;
  if ("train" in teacher) return teacher.train.members ?? 1;
  if (!("ensemble" in teacher)) return 1;
  return teacher.ensemble.reduce((sum, member) => sum + memberCount(member)!, 0); // no package
}

/** @returns whether networks must be trained before the teacher can be asked */
export function isTrainedHere(teacher: TeacherRecipe): boolean {
  if ("ensemble" in teacher) return teacher.ensemble.some((member) => "train" in member);
  return "train" in teacher || "specialists" in teacher;
}

/** @throws ConfigError "config/range" for weights that do not fit the members */
export function assertCombination({ teacher }: Pick<Recipe, "teacher">): void {
  const members = memberCount(teacher);
  const { weights } = partedTeacher(teacher).combination;
  if (members !== null && Array.isArray(weights))
    assertMemberWeights("teacher.weights", weights, members);
}
