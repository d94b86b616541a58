/** @file What a hash must say of an ensemble beside its members' hashes. */

import type { TeacherDescription } from "./teacher.ts";

/**
 * How the members become one distribution, for the hash of a teacher that answers with it: two
 * ensembles of the same members may answer differently.
 *
 * @returns combination and weights; nothing for one member, which is its own distribution
 */
export function combinationText({
  members,
  combine,
  weights,
}: Pick<TeacherDescription, "members" | "combine" | "weights">): readonly string[] {
  return members.length === 1 ? [] : [combine, weights?.join() ?? "equal"];
}
