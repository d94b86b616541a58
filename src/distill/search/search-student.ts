/**
 * @file Finds the best student under a budget: successive halving over candidates, each distilled,
 * judged on the validation split alone.
 */

import { RunError } from "../../errors/index.ts";
import { type ArmSources, armJob } from "../arms.ts";
import type { DistillEvent } from "../events.ts";
import type { RunJobs } from "../run-jobs.ts";
import { type Rung, successiveHalving } from "../successive-halving.ts";
import { defaults } from "../training-spec.ts";
import type { Candidate, SearchPlan, StudentBudget, StudentSearch } from "./plan-search.ts";

/** The seed of every trial; reported runs use others. */
const searchSeed = 0;

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

/** @returns trainings of a search */
export function searchJobs({ rungs }: SearchPlan): number {
  return rungs.reduce((total, { count }) => total + count, 0);
}

/**
 * Trials train in float and whole: neither on the int8 grid nor pruned, whatever the run's own
 * training does.
 *
 * @param sources whose arm "distilled" trains the candidates
 * @returns all trials and the choice: of those that reach minAccuracy the most accurate of
 *   the last rung, or the smallest of all; of equal ones the one of less flash
 * @throws RunError "search/accuracy" naming the best if none reaches minAccuracy
 */
export async function* searchStudent(
  search: StudentSearch,
  { candidates, rungs, tooLarge }: SearchPlan,
  sources: ArmSources,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, SearchResult> {
  const board = search.budget.name;
  yield { type: "search-start", board, candidates, rungs, tooLarge };
  const ranked = yield* successiveHalving({
    candidates,
    rungs,
    run: (candidate, rung) => trial(candidate, rung, sources, jobs),
  });
  const trials = ranked.map(({ candidate, rung, epochs, score }) => ({
    ...candidate,
    rung,
    epochs,
    validationAccuracy: score,
  }));
  const chosen = choose(trials, search);
  const { name, validationAccuracy } = trials[chosen]!; // one of them
  yield { type: "search-end", chosen: name, validationAccuracy };
  const { minAccuracy = null, maxMilliseconds = null } = search;
  return { budget: search.budget, minAccuracy, maxMilliseconds, rungs, tooLarge, trials, chosen };
}

async function* trial(
  { name, spec }: Candidate,
  { epochs }: Rung,
  sources: ArmSources,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, number> {
  const { options } = sources;
  const { pruning: _, quantizationAware: __, ...training } = options.training;
  const own = { ...options, student: spec, training: { ...training, epochs } };
  const { learningRate = defaults.learningRate } = training;
  const job = armJob(
    "distilled",
    `search/${name}/epochs-${epochs}`,
    { ...sources, options: own },
    { seed: searchSeed, learningRate },
  );
  const { validationAccuracy } = yield* jobs.run(job);
  return validationAccuracy;
}

/** @returns index into trials */
function choose(trials: readonly SearchTrial[], search: StudentSearch): number {
  const { minAccuracy = 0, prefer = "accuracy", budget } = search;
  const last = trials[0]!.rung; // trials that came furthest are first
  const ranked = trials
    .map((trial, index) => ({ ...trial, index }))
    .filter(({ validationAccuracy }) => validationAccuracy >= minAccuracy)
    .filter(({ rung }) => prefer === "size" || rung === last)
    .toSorted((a, b) =>
      prefer === "size"
        ? a.flashBytes - b.flashBytes || b.validationAccuracy - a.validationAccuracy
        : b.validationAccuracy - a.validationAccuracy || a.flashBytes - b.flashBytes,
    );
  const best = ranked[0];
  if (best !== undefined) return best.index;
  const { name, validationAccuracy } = trials.reduce((most, trial) =>
    trial.validationAccuracy > most.validationAccuracy ? trial : most,
  );
  throw new RunError("search/accuracy", {
    where: "student search",
    rule: `a student that fits ${budget.name} must reach a validation accuracy of ${minAccuracy}`,
    got: `${validationAccuracy.toFixed(4)} at best, of ${name}`,
    fix: "Train for longer, ask for less, or take a larger board; the trials so far are kept",
    details: { minAccuracy, best: name, validationAccuracy },
  });
}
