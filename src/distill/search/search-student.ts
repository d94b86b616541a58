/**
 * @file What a search for the best student under a budget says and gives: successive halving over
 * candidates, each distilled, judged on the validation split alone.
 */

import type { Rung } from "../successive-halving.ts";
import type { Candidate, StudentBudget } from "./plan-search.ts";

/** The search begins: what takes part. */
export interface SearchStartEvent {
  readonly type: "search-start";
  readonly board: string;
  readonly candidates: readonly Candidate[];
  readonly rungs: readonly Rung[];
  /** candidates that do not fit and take no part */
  readonly tooLarge: number;
}

/** The search is over. */
export interface SearchEndEvent {
  readonly type: "search-end";
  /** the name of the student that was taken */
  readonly chosen: string;
  readonly validationAccuracy: number;
}

export type SearchEvent = SearchStartEvent | SearchEndEvent;

/** A candidate with the last training that it had. */
export interface SearchTrial extends Candidate {
  /** from 0 */
  readonly rung: number;
  readonly epochs: number;
  readonly validationAccuracy: number;
}

export interface SearchResult {
  readonly budget: StudentBudget;
  readonly minAccuracy: number | null;
  readonly maxMilliseconds: number | null;
  readonly rungs: readonly Rung[];
  readonly tooLarge: number;
  /** those that came furthest first, and among them the best first */
  readonly trials: readonly SearchTrial[];
  /** index into trials */
  readonly chosen: number;
}
