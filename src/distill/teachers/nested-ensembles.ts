/** @file An ensemble that is a member of another: both means written as one. */

import type { CombineMethod } from "../../data/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { TeacherDescription } from "./teacher.ts";

type Part = Pick<TeacherDescription, "name" | "members" | "combine" | "weights">;

/**
 * The weights of all networks with which one mean over them is the mean of the members, each of
 * which counts 1/n as a whole:
 *
 *   w_mi = v_mi / (n Σ_j v_mj),  v_mi: weight of network i of the m-th of n members
 *
 * @returns Σ members numbers, sum 1; undefined where all are equal because the members have equally
 *   many networks and no weights
 */
export function nestedWeights(members: readonly Part[]): readonly number[] | undefined {
  const first = members[0]?.members.length;
  const isEven = ({ members: own, weights }: Part): boolean =>
    own.length === first && (own.length === 1 || weights === undefined);
  if (members.every(isEven)) return undefined;
  return members.flatMap(({ members: own, weights }) => {
    if (own.length === 1) return [1 / members.length];
    const relative = weights ?? own.map(() => 1);
    const total = relative.reduce((sum, weight) => sum + weight, 0);
    return relative.map((weight) => weight / total / members.length);
  });
}

/**
 * A mean of means is one weighted mean only if both are of one kind.
 *
 * @throws ConfigError "config/conflict" if a member of several networks has another combination
 */
export function assertSameCombination(members: readonly Part[], combine: CombineMethod): void {
  const other = members.find((each) => each.members.length > 1 && each.combine !== combine);
  if (other === undefined) return;
  throw new ConfigError("config/conflict", {
    where: `ensemble with "${other.name}"`,
    rule: "a member that is an ensemble itself has the combination of the ensemble that it is in",
    got: `${other.combine} in ${combine}`,
    fix: `Give combine: "${other.combine}", or averagedTeacher of that member, which is one vector`,
    details: { inner: other.combine, outer: combine },
  });
}
