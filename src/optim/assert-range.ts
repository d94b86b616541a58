/** @file Range checks of optimiser and schedule options. */

import { ConfigError } from "../errors/index.ts";

/** @throws ConfigError "config/range" unless low ≤ value < high for the one named value */
export function assertInRange(
  where: string,
  named: Readonly<Record<string, number>>,
  low: number,
  high: number,
): void {
  for (const [name, value] of Object.entries(named))
    if (!(value >= low && value < high))
      throw new ConfigError("config/range", {
        where,
        rule: `${name} must be at least ${low === Number.MIN_VALUE ? "a positive number" : low} and below ${high}`,
        got: String(value),
        fix: `Correct ${name}`,
        details: { [name]: value },
      });
}
