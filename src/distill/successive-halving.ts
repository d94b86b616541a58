/**
 * @file Successive halving: many candidates for a few epochs, the better ones for more, until few
 * are left.
 */

import { assertInRange, ConfigError } from "../errors/index.ts";

/** One round: so many candidates, each trained for so many epochs. */
export interface Rung {
  /** candidates that take part */
  readonly count: number;
  /** epochs that each of them is trained for */
  readonly epochs: number;
}

export interface RungOptions {
  /** how many candidates there are, ≥ 1 */
  readonly candidates: number;
  /** epochs of the last rung, an integer ≥ 1 */
  readonly epochs: number;
  /** share of the candidates that goes on to the next rung, in (0, 1); default 1/3 */
  readonly keep?: number;
  /** epochs of the first rung at least, an integer ≥ 1; default 1 */
  readonly minimumEpochs?: number;
  /** candidates of the last rung at least, an integer ≥ 1; default 1 */
  readonly minimumCount?: number;
}

/**
 * Rungs of successive halving, first to last: from one to the next the candidates shrink by `keep`
 * and the epochs grow by 1 / keep, so that rungs cost about the same.
 *
 *   count_r = max(minimumCount, ⌈candidates · keep^r⌉)   epochs_r = ⌈epochs · keep^(R − 1 − r)⌉
 *
 * with as many rungs R as it takes until no more can be dropped or the first rung would have less
 * than `minimumEpochs`; of one candidate there is one rung. Of rungs with the same epochs, which a
 * `keep` near 1 would give, only the first is there: the others would train nothing anew.
 *
 * @throws ConfigError "config/range"
 * @see Jamieson, Talwalkar (2016), Non-stochastic best arm identification, arXiv:1502.07943
 */
export function halvingRungs(options: RungOptions): readonly Rung[] {
  const { candidates, epochs, keep = 1 / 3, minimumEpochs = 1, minimumCount = 1 } = options;
  assertInRange("successive halving", { keep }, { above: 0, below: 1 });
  for (const number of [{ candidates }, { epochs }, { minimumEpochs }, { minimumCount }])
    assertInRange("successive halving", number, { from: 1, isInteger: true });
  const counts = [candidates];
  let epochsOfFirst = epochs * keep;
  while (counts.at(-1)! > minimumCount && epochsOfFirst >= minimumEpochs - 1e-9) {
    const next = Math.ceil(candidates * keep ** counts.length - 1e-9);
    counts.push(Math.max(minimumCount, Math.min(next, counts.at(-1)! - 1)));
    epochsOfFirst *= keep;
  }
  const rungs = counts.map((count, at) => ({
    count,
    epochs: Math.ceil(epochs * keep ** (counts.length - 1 - at) - 1e-9),
  }));
  return rungs.filter((rung, at) => rung.epochs !== rungs[at - 1]?.epochs);
}

/** What became of a candidate in the last rung that it took part in. */
export interface HalvingTrial<Candidate> {
  readonly candidate: Candidate;
  /** place in the candidates as they were given */
  readonly index: number;
  /** from 0 */
  readonly rung: number;
  /** that it was trained for in that rung */
  readonly epochs: number;
  /** larger is better */
  readonly score: number;
}

export interface HalvingOptions<Candidate, Event> {
  readonly candidates: readonly Candidate[];
  /** from `halvingRungs`, or others: counts that do not grow, the first of all candidates */
  readonly rungs: readonly Rung[];
  /**
   * trains a candidate for so many epochs and says how good it is, larger is better. A rung begins
   * anew; who wants to go on from the last one keeps what that needs
   */
  readonly run: (
    candidate: Candidate,
    rung: Rung & { readonly index: number; readonly number: number },
  ) => AsyncGenerator<Event, number>;
}

/**
 * Runs the rungs one after another; the candidates with the best scores go on, the earlier given
 * first where scores are equal, so that the same scores give the same choice. A score that is not
 * a number counts as the worst.
 *
 * @returns an async generator of the runs' own events; its value is every candidate's last trial,
 *   those that came furthest first, and among them the best first
 * @throws ConfigError "config/range" without candidates, or for rungs that do not begin with all
 */
export async function* successiveHalving<Candidate, Event>({
  candidates,
  rungs,
  run,
}: HalvingOptions<Candidate, Event>): AsyncGenerator<Event, readonly HalvingTrial<Candidate>[]> {
  assertRungs(candidates.length, rungs);
  const dropped: HalvingTrial<Candidate>[] = [];
  let alive = candidates.map((candidate, index) => ({ candidate, index }));
  let ranked: HalvingTrial<Candidate>[] = [];
  for (const [number, rung] of rungs.entries()) {
    dropped.unshift(...ranked.slice(rung.count));
    alive = number === 0 ? alive : ranked.slice(0, rung.count);
    ranked = [];
    for (const { candidate, index } of alive.toSorted((a, b) => a.index - b.index)) {
      const score = yield* run(candidate, { ...rung, index, number });
      ranked.push({ candidate, index, rung: number, epochs: rung.epochs, score });
    }
    ranked = bestFirst(ranked);
  }
  return [...ranked, ...dropped];
}

/** @returns the trials, largest score first; equal ones in their own order */
function bestFirst<Candidate>(
  trials: readonly HalvingTrial<Candidate>[],
): HalvingTrial<Candidate>[] {
  const rank = (score: number): number => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score);
  return trials.toSorted((a, b) =>
    rank(a.score) === rank(b.score) ? a.index - b.index : rank(b.score) > rank(a.score) ? 1 : -1,
  );
}

function assertRungs(candidates: number, rungs: readonly Rung[]): void {
  const counts = rungs.map(({ count }) => count);
  const shrinks = counts.every((count, at) => count >= 1 && count <= (counts[at - 1] ?? count));
  if (candidates > 0 && counts[0] === candidates && shrinks) return;
  throw new ConfigError("config/range", {
    where: "successive halving",
    rule: "the first rung has all candidates, one at least, and no later one more than the last",
    got: `${candidates} candidates, rungs of ${counts.join(", ") || "none"}`,
    fix: "Take the rungs from halvingRungs",
    details: { candidates, counts },
  });
}
