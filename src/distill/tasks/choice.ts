/**
 * @file Tasks that choose on validation: "choice", of learning rates; "ranking", of candidates of a
 * search after a rung. They train nothing; they read trials.
 */

import type { NetworkSpec } from "../../engine/nn/index.ts";
import { RunError } from "../../errors/index.ts";
import type { DistillEvent } from "../events.ts";
import { type Rung, successiveHalving } from "../successive-halving.ts";
import type { TaskWork } from "./execute.ts";
import type { TaskKind } from "./kind.ts";
import { readJson, writeJson } from "./result-files.ts";

/** Of the trials in the role "trials", one for each rate. */
export interface ChoiceSpec {
  readonly learningRates: readonly number[];
}

/** choice.json */
export interface ChoiceFile {
  readonly trials: readonly {
    readonly learningRate: number;
    readonly validationAccuracy: number;
  }[];
  /** index into trials: the best on validation, the first of equal ones */
  readonly chosen: number;
}

export const choiceName = "choice.json";

async function accuracyOf(result: TaskWork["result"]): Promise<number> {
  const record = await readJson<{ readonly validationAccuracy: number }>(result, "result.json");
  return record.validationAccuracy;
}

async function chooseRate(
  { needs, result }: TaskWork,
  { learningRates }: ChoiceSpec,
): Promise<void> {
  const accuracies = await Promise.all((needs.trials ?? []).map(accuracyOf));
  const trials = learningRates.map((learningRate, at) => ({
    learningRate,
    validationAccuracy: accuracies[at]!, // a trial for each
  }));
  const chosen = accuracies.indexOf(Math.max(...accuracies));
  await writeJson(result, choiceName, { trials, chosen } satisfies ChoiceFile);
}

export const choiceKind: TaskKind<ChoiceSpec> = { kind: "choice", version: 1, run: chooseRate };

/** Of the trials in the roles "rung0", "rung1", …, each in the order of the candidates. */
export interface RankingSpec {
  readonly candidates: readonly RankedCandidate[];
  /** those that are over */
  readonly rungs: readonly Rung[];
  /** of the last rung: what decides */
  readonly choose?:
    | {
        readonly board: string;
        readonly minAccuracy: number;
        readonly prefer: "accuracy" | "size";
      }
    | undefined;
}

interface RankedCandidate {
  readonly name: string;
  readonly network: NetworkSpec;
  readonly flashBytes: number;
}

export interface RankedTrial extends RankedCandidate {
  /** place among the candidates */
  readonly index: number;
  readonly rung: number;
  readonly epochs: number;
  readonly validationAccuracy: number;
}

/** ranking.json */
export interface RankingFile {
  /** those that came furthest first, and among them the best first */
  readonly ranked: readonly RankedTrial[];
  /** index into ranked; 0 before the last rung */
  readonly chosen: number;
}

export const rankingName = "ranking.json";

async function* rank(
  { needs, result }: TaskWork,
  { candidates, rungs, choose }: RankingSpec,
): AsyncGenerator<DistillEvent, void> {
  const trials = rungs.map((_, rung) => [...needs[`rung${rung}`]!]); // the plan has a role for each
  const ranked = yield* successiveHalving<RankedCandidate, DistillEvent>({
    candidates,
    rungs,
    run: async function* (_, { number }) {
      yield* []; // a trial has been trained: it has nothing to tell
      return accuracyOf(trials[number]!.shift()!); // asked in the order of the candidates
    },
  });
  const all = ranked.map(({ candidate, score, ...trial }) => ({
    ...candidate,
    ...trial,
    validationAccuracy: score,
  }));
  const chosen = choose === undefined ? 0 : chosenOf(all, choose);
  await writeJson(result, rankingName, { ranked: all, chosen } satisfies RankingFile);
  if (choose === undefined) return;
  const { name, validationAccuracy } = all[chosen]!; // one of them
  yield { type: "search-end", chosen: name, validationAccuracy };
}

/**
 * Of those that reach minAccuracy the most accurate of the last rung, or the smallest of all; of
 * equal ones the one of less flash.
 *
 * @returns index into trials
 * @throws RunError "search/accuracy" naming the best if none reaches minAccuracy
 */
function chosenOf(
  trials: readonly RankedTrial[],
  { board, minAccuracy, prefer }: NonNullable<RankingSpec["choose"]>,
): number {
  const last = trials[0]!.rung; // trials that came furthest are first
  const [best] = trials
    .map((trial, at) => ({ ...trial, at }))
    .filter(({ validationAccuracy }) => validationAccuracy >= minAccuracy)
    .filter(({ rung }) => prefer === "size" || rung === last)
    .toSorted((a, b) =>
      prefer === "size"
        ? a.flashBytes - b.flashBytes || b.validationAccuracy - a.validationAccuracy
        : b.validationAccuracy - a.validationAccuracy || a.flashBytes - b.flashBytes,
    );
  if (best !== undefined) return best.at;
  const { name, validationAccuracy } = trials.reduce((most, trial) =>
    trial.validationAccuracy > most.validationAccuracy ? trial : most,
  );
  throw new RunError("search/accuracy", {
    where: "student search",
    rule: `a student that fits ${board} must reach a validation accuracy of ${minAccuracy}`,
    got: `${validationAccuracy.toFixed(4)} at best, of ${name}`,
    fix: "Train for longer, ask for less, or take a larger board; the trials so far are kept",
    details: { minAccuracy, best: name, validationAccuracy },
  });
}

export const rankingKind: TaskKind<RankingSpec> = { kind: "ranking", version: 1, run: rank };
