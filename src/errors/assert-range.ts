/** @file Range checks of numeric options. */

import { ConfigError } from "./errors.ts";

/** An interval; a bound left out does not bind. Infinities and NaN are never inside. */
export interface Range {
  /** value ≥ from */
  readonly from?: number;
  /** value > above */
  readonly above?: number;
  /** value ≤ to */
  readonly to?: number;
  /** value < below */
  readonly below?: number;
  /** default false */
  readonly isInteger?: boolean;
}

/** @throws ConfigError "config/range" unless every named value is a finite number in the range */
export function assertInRange(
  where: string,
  named: Readonly<Record<string, number>>,
  range: Range,
): void {
  for (const [name, value] of Object.entries(named))
    if (!isInside(value, range))
      throw new ConfigError("config/range", {
        where,
        rule: `${name} must be ${range.isInteger ? "an integer" : "a finite number"}${wording(range)}`,
        got: typeof value === "string" ? `"${value}"` : String(value), // as from JavaScript
        fix: `Correct ${name}`,
        details: { [name]: value },
      });
}

function isInside(value: number, { from, above, to, below, isInteger }: Range): boolean {
  return (
    (isInteger ? Number.isInteger(value) : Number.isFinite(value)) &&
    (from === undefined || value >= from) &&
    (above === undefined || value > above) &&
    (to === undefined || value <= to) &&
    (below === undefined || value < below)
  );
}

function wording({ from, above, to, below }: Range): string {
  const parts = [
    from === undefined ? "" : `at least ${from}`,
    above === undefined ? "" : `above ${above}`,
    to === undefined ? "" : `at most ${to}`,
    below === undefined ? "" : `below ${below}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `, ${parts.join(" and ")}`;
}
