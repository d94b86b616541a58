/** @file The search for the student, as the report tells it. */

import * as z from "zod";
import type { SearchResult } from "../../distill/index.ts";
import { paretoFront } from "./pareto-front.ts";
import { count, share } from "./schema-parts.ts";

/** One student of the search with the last training that it had. */
export interface SearchTrialReport {
  readonly name: string;
  readonly family: string;
  readonly parameters: number;
  readonly macs: number;
  /** tables as planned, exactly, with an estimate of code and start-up */
  readonly flashBytes: number;
  /** arena as planned, exactly, with an estimate of stack and other data */
  readonly ramBytes: number;
  /** an estimate, its upper end */
  readonly milliseconds: number;
  /** how far it came, from 0 */
  readonly rung: number;
  readonly epochs: number;
  readonly validationAccuracy: number;
  readonly isChosen: boolean;
  /** no other takes as little flash and is as accurate */
  readonly isOnFront: boolean;
}

export interface SearchReport {
  readonly board: string;
  /** with what is reserved taken off */
  readonly flashBytes: number;
  readonly ramBytes: number;
  readonly minAccuracy: number | null;
  readonly maxMilliseconds: number | null;
  readonly rungs: readonly { readonly count: number; readonly epochs: number }[];
  /** candidates that did not fit */
  readonly tooLarge: number;
  /** those that came furthest first */
  readonly trials: readonly SearchTrialReport[];
}

/** @returns the search as plain data */
export function reportSearch({ budget, trials, chosen, ...rest }: SearchResult): SearchReport {
  const front = new Set(
    paretoFront(
      trials.map(({ flashBytes, validationAccuracy }, index) => ({
        index,
        cost: flashBytes,
        accuracy: validationAccuracy,
      })),
    ).map(({ index }) => index),
  );
  return {
    board: budget.name,
    flashBytes: budget.flashBytes,
    ramBytes: budget.ramBytes,
    ...rest,
    trials: trials.map(({ spec, ...trial }, index) => ({
      ...trial,
      family: spec.family,
      isChosen: index === chosen,
      isOnFront: front.has(index),
    })),
  };
}

export const searchSchema: z.ZodType<SearchReport> = z.strictObject({
  board: z.string(),
  flashBytes: count.describe("For the student's image, with what is reserved taken off"),
  ramBytes: count.describe("For the student's memory, with what is reserved taken off"),
  minAccuracy: share.nullable(),
  maxMilliseconds: z.number().positive().nullable(),
  rungs: z.array(z.strictObject({ count, epochs: count })),
  tooLarge: count.describe("Candidates that do not fit, not trained"),
  trials: z.array(
    z.strictObject({
      name: z.string(),
      family: z.string(),
      parameters: count,
      macs: count,
      flashBytes: count.describe("Tables as planned, with an estimate of code and start-up"),
      ramBytes: count.describe("Arena as planned, with an estimate of stack and data"),
      milliseconds: z.number().nonnegative().describe("An estimate, its upper end"),
      rung: count.describe("How far it came, from 0"),
      epochs: count,
      validationAccuracy: share,
      isChosen: z.boolean(),
      isOnFront: z.boolean().describe("No other takes as little flash and is as accurate"),
    }),
  ),
});
