/** @file "Did you mean …?": the nearest valid name to a mistyped one. */

import { closest, distance } from "fastest-levenshtein";
import { ConfigError } from "./errors.ts";

/** @returns the nearest of `names`, or undefined when none is near enough to be meant */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const lower = names.map((each) => each.toLowerCase());
  const best = closest(name.toLowerCase(), lower);
  const edits = distance(name.toLowerCase(), best);
  const isNear = edits <= Math.max(2, Math.floor(best.length / 3));
  return isNear ? names[lower.indexOf(best)] : undefined;
}

/**
 * The error for a name that is not in a closed list.
 *
 * @param where who was asked; @param kind what the name names ("method", "command")
 */
export function unknownName(
  where: string,
  kind: string,
  name: string,
  names: readonly string[],
): ConfigError {
  const near = nearestName(name, names);
  return new ConfigError("config/unknown-name", {
    where,
    rule: `unknown ${kind} "${name}"`,
    fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Valid: ${names.join(", ")}`,
    details: { kind, name, names, near },
  });
}

/**
 * For callers without types: a word that is none of a closed set must not stand for another.
 *
 * @throws ConfigError "config/unknown-name"
 */
export function assertKnown(
  where: string,
  kind: string,
  name: string,
  names: readonly string[],
): void {
  if (!names.includes(name)) throw unknownName(where, kind, String(name), names);
}
