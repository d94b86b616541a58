/** @file The rule of members' weights. */

import { ConfigError } from "../../errors/index.ts";

/**
 * @param where what the weights were given to, for the message
 * @param members how many members there are
 * @throws ConfigError "config/range" unless there is a finite weight for each member, none negative
 *   and not all 0
 */
export function assertMemberWeights(
  where: string,
  weights: readonly number[],
  members: number,
): void {
  const isRight =
    weights.length === members &&
    weights.every((weight) => Number.isFinite(weight) && weight >= 0) &&
    weights.some((weight) => weight > 0);
  if (isRight) return;
  throw new ConfigError("config/range", {
    where,
    rule: `weights must be ${members} finite numbers, one for each member, none negative and not all 0`,
    got: weights.join(", "),
    fix: "Correct the weights",
    details: { weights, members },
  });
}
