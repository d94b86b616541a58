/** @file Options that are whole numbers. */

import { type OptionValues, text } from "../command.ts";
import { usageError } from "../usage-error.ts";

/** @returns the number, or undefined if it was not given. @throws ConfigError "config/usage" */
export function wholeOption(options: OptionValues, name: string): number | undefined {
  const given = text(options, name);
  if (given === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(given))
    throw usageError(`sweep --${name}`, "takes a whole number from 1", given);
  return Number(given);
}
