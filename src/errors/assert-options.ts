/** @file Options of callers without types: each must have a name that is known. */

import { ConfigError } from "./errors.ts";
import { unknownName } from "./nearest-name.ts";

/** The names of all options of an interface: a table without one of them does not compile. */
export type OptionNames<T> = { readonly [K in keyof Required<T>]: true };

/**
 * @param where who was asked
 * @param given the options; undefined or null for none
 * @throws ConfigError "config/type" for what is no object, "config/unknown-name" naming the nearest
 *   option
 */
export function assertOptions(
  where: string,
  given: unknown,
  names: Readonly<Record<string, true>>,
): void {
  if (given === undefined || given === null) return;
  if (typeof given !== "object" || Array.isArray(given))
    throw new ConfigError("config/type", {
      where,
      rule: "there must be an object of options",
      got: Array.isArray(given) ? "a list" : `${typeof given} ${given}`,
      fix: `Valid: ${Object.keys(names).join(", ")}`,
    });
  for (const name of Object.keys(given))
    if (!Object.hasOwn(names, name)) throw unknownName(where, "option", name, Object.keys(names));
}
