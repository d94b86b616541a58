/** @file Which students a search will train, for how long: all that fit, and in which rungs. */

import type { Dataset } from "../../data/index.ts";
import { type NetworkSpec, parameterCount } from "../../engine/nn/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { halvingRungs, type Rung } from "../successive-halving.ts";
import { networkOf } from "../training/model-file.ts";
import { candidateName, candidatesAround, eachOnce, searchedFamilies } from "./candidates.ts";
import { footprintOf } from "./footprint.ts";

/** What a student may take. */
export interface StudentBudget {
  /** of the board, for messages and reports */
  readonly name: string;
  /** what is left for the student's image and for its memory, with reserves taken off */
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** which of the export's kernels will run */
  readonly path: "portable" | "dsp";
  /** counted on top of tables and arena: code and start-up; stack and data. Estimates */
  readonly overhead: { readonly flashBytes: number; readonly ramBytes: number };
  /** an estimate, its upper end */
  readonly millisecondsPerMac: number;
}

export interface StudentSearch {
  readonly budget: StudentBudget;
  /** validation accuracy that the student must reach, in (0, 1]; default none */
  readonly minAccuracy?: number;
  /** limit of the estimated latency; default none */
  readonly maxMilliseconds?: number;
  /** of all that reach minAccuracy: the most accurate (default), or the one of least flash */
  readonly prefer?: "accuracy" | "size";
  /** networks to vary; default the student */
  readonly around?: readonly NetworkSpec[];
  /** how many candidates start at most; default 18 */
  readonly candidates?: number;
  /** epochs of the last rung; default the training's */
  readonly epochs?: number;
  /** share of the candidates that goes on to the next rung; default 1/3 */
  readonly keep?: number;
}

/** What a search must know of the run that it is part of. */
export interface SearchSetting {
  /** what is varied where the search names nothing else */
  readonly student: NetworkSpec;
  readonly train: Dataset;
  /** of the student's training */
  readonly epochs: number;
  /** the teacher's, for students that must not be larger; default no limit */
  readonly maxParameters?: number | undefined;
}

/** A student that fits, before it is trained. */
export interface Candidate {
  /** unique in the search; also its place in the run folder */
  readonly name: string;
  readonly spec: NetworkSpec;
  readonly parameters: number;
  readonly macs: number;
  /** tables and arena, exact, with the estimated overhead */
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** an estimate, its upper end */
  readonly milliseconds: number;
}

export interface SearchPlan {
  /** largest first */
  readonly candidates: readonly Candidate[];
  readonly rungs: readonly Rung[];
  /** how many others do not fit, or have more parameters than the teacher */
  readonly tooLarge: number;
}

const defaultCandidates = 18;

/**
 * @throws ConfigError "search/nothing-fits" naming the smallest student and what it takes, of the
 *   board's memory or of the teacher's parameters;
 *   "config/range", "config/conflict"; QuantizeError "quantize/unsupported" if no family has an
 *   int8 form
 */
export function planSearch(
  search: StudentSearch,
  { student, train, epochs, maxParameters = Number.POSITIVE_INFINITY }: SearchSetting,
): SearchPlan {
  const { around = [student], minAccuracy } = search;
  if (minAccuracy !== undefined && !(minAccuracy > 0 && minAccuracy <= 1))
    throw refusal("config/range", "minAccuracy must be in (0, 1]", String(minAccuracy), "Give 0.9");
  const specs = new Map<string, NetworkSpec>(); // two starts can have neighbours in common
  for (const spec of around) {
    if (!searchedFamilies.includes(spec.family))
      throw refusal(
        "config/conflict",
        `the family must be one of ${searchedFamilies.join(", ")}`,
        spec.family,
        "Take one of these, or name the student itself",
      );
    for (const each of candidatesAround(spec, train.shape, train.classNames.length))
      specs.set(candidateName(each), each);
  }
  const all = eachOnce([...specs.values()], train.shape, train.classNames.length)
    .map((spec) => candidateOf(spec, search.budget, train))
    .toSorted((a, b) => b.macs - a.macs || b.flashBytes - a.flashBytes);
  const onBoard = all.filter((candidate) => fits(candidate, search));
  if (onBoard.length === 0) throw nothingFits(all, search);
  const fitting = onBoard.filter(({ parameters }) => parameters <= maxParameters);
  if (fitting.length === 0) throw allLarger(onBoard, maxParameters);
  const candidates = spread(fitting, search.candidates ?? defaultCandidates);
  const rungs = halvingRungs({
    candidates: candidates.length,
    epochs: search.epochs ?? epochs,
    ...(search.keep !== undefined && { keep: search.keep }),
  });
  return { candidates, rungs, tooLarge: all.length - fitting.length };
}

const noFrontEnd = { constantBytes: 0, stateBytes: 0, workBytes: 0 } as const;

function candidateOf(spec: NetworkSpec, budget: StudentBudget, train: Dataset): Candidate {
  const { dtype, shape, preprocessing, classNames } = train;
  const about = { spec, sample: { dtype, shape }, preprocessing, classNames };
  const { constantBytes, arenaBytes, macs, frontEnd = noFrontEnd } = footprintOf(about);
  const memory = Math.max(arenaBytes[budget.path], frontEnd.workBytes) + frontEnd.stateBytes;
  return {
    name: candidateName(spec),
    spec,
    parameters: parameterCount(networkOf(about)),
    macs,
    flashBytes: constantBytes + frontEnd.constantBytes + budget.overhead.flashBytes,
    ramBytes: memory + budget.overhead.ramBytes,
    milliseconds: macs * budget.millisecondsPerMac,
  };
}

function fits(
  { flashBytes, ramBytes, milliseconds }: Candidate,
  { budget, maxMilliseconds = Number.POSITIVE_INFINITY }: StudentSearch,
): boolean {
  return (
    flashBytes <= budget.flashBytes &&
    ramBytes <= budget.ramBytes &&
    milliseconds <= maxMilliseconds
  );
}

/** @returns so many of a sorted list at even distances, first and last among them */
function spread<T>(sorted: readonly T[], count: number): readonly T[] {
  if (sorted.length <= count) return sorted;
  const step = count === 1 ? 0 : (sorted.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, at) => sorted[Math.round(at * step)]!); // within it
}

function nothingFits(all: readonly Candidate[], search: StudentSearch): ConfigError {
  const { budget, maxMilliseconds } = search;
  const least = all.toSorted((a, b) => a.ramBytes - b.ramBytes || a.flashBytes - b.flashBytes)[0]!; // a network has candidates, itself at least
  const limit = maxMilliseconds === undefined ? "" : `, ${maxMilliseconds} ms`;
  return refusal(
    "search/nothing-fits",
    `a student must fit ${budget.name}: ${budget.flashBytes} bytes of flash, ${budget.ramBytes} bytes of RAM${limit}`,
    `${all.length} candidates, the smallest ${least.name} with ${least.flashBytes} bytes of flash, ${least.ramBytes} bytes of RAM, about ${least.milliseconds.toPrecision(2)} ms`,
    "Start from a smaller network, take another board, smaller samples, or reserve less",
  );
}

function allLarger(onBoard: readonly Candidate[], maxParameters: number): ConfigError {
  const least = onBoard.toSorted((a, b) => a.parameters - b.parameters)[0]!; // one fits at least
  return refusal(
    "search/nothing-fits",
    `a student must not have more parameters than its teacher: ${maxParameters}`,
    `${onBoard.length} candidates that fit the board, the smallest ${least.name} with ${least.parameters}`,
    "Start from a smaller network, or set allowLargerStudent: true if this is meant",
  );
}

function refusal(code: string, rule: string, got: string, fix: string): ConfigError {
  return new ConfigError(code, { where: "student search", rule, got, fix });
}
