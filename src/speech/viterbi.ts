/** @file The most probable string of words, given each frame's likelihood in each state. */

import { assertInRange, DataError, ShapeError } from "../errors/index.ts";
import type { WordLoop } from "./word-loop.ts";

export interface DecodeOptions {
  /** weight of the language model's log-probabilities against the likelihoods'; default 1 */
  readonly languageModelWeight?: number;
  /** nats taken off for each word: above 0 fewer words, below 0 more; default 0 */
  readonly wordInsertionPenalty?: number;
}

export interface DecodedWord {
  readonly word: string;
  /** frame after the last of the word and the silence behind it */
  readonly endFrame: number;
}

export interface Decoded {
  readonly words: readonly string[];
  readonly timed: readonly DecodedWord[];
  /** of the best path, nats */
  readonly score: number;
}

/**
 * The string of at least one word with the best path through the word loop:
 *
 *   Σ_frames scores[t, state t] + Σ_moves log p(stay or leave)
 *     + Σ_words (languageModelWeight · log p(word | word before) − wordInsertionPenalty)
 *     + languageModelWeight · log p(end | last word)
 *
 * Every node of a path lasts at least a frame; leaving a chain counts, at the end too. No
 * boundaries are given. Exact: nothing that could win is left out.
 *
 * @param scores float32 [frames, states]: scaled log-likelihoods, nats; below ∞, and −∞ where a
 *   frame cannot be in a state
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range"; DataError "data/length" for
 *   recordings too short for any word, "data/not-finite" for NaN or ∞, or where −∞ leaves no path
 * @see Viterbi (1967); Young, Russell, Thornton (1989), Token passing: a simple conceptual model
 */
export function decodeWords(
  loop: WordLoop,
  scores: Float32Array,
  options: DecodeOptions = {},
): Decoded {
  return findWords("decodeWords", loop, scores, decodeWeights("decodeWords", options));
}

/** @returns both weights, checked. @throws ConfigError "config/range" */
export function decodeWeights(where: string, options: DecodeOptions): Required<DecodeOptions> {
  const { languageModelWeight = 1, wordInsertionPenalty = 0 } = options;
  assertInRange(where, { languageModelWeight }, { from: 0 });
  assertInRange(where, { wordInsertionPenalty }, {});
  return { languageModelWeight, wordInsertionPenalty };
}

/**
 * @param where whose scores they are, for errors
 * @throws as decodeWords
 */
export function findWords(
  where: string,
  loop: WordLoop,
  scores: Float32Array,
  { languageModelWeight: weight, wordInsertionPenalty: penalty }: Required<DecodeOptions>,
): Decoded {
  const frames = scores.length / loop.stateCount;
  if (!Number.isInteger(frames) || frames < 1)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "scores must be [frames, states], at least one frame",
      got: `${scores.length} scores for ${loop.stateCount} states`,
      fix: "Give the scores of the states that the lexicon is written in",
      details: { scores: scores.length, states: loop.stateCount },
    });
  assertBelowInfinity(where, scores, loop.stateCount);
  const found = (of: Float32Array): Decoded | undefined => {
    const search = new TokenSearch(loop, weight, penalty);
    for (let frame = 0; frame < frames; frame++)
      search.step(of.subarray(frame * loop.stateCount, (frame + 1) * loop.stateCount), frame);
    return search.best(frames);
  };
  const decoded = found(scores);
  if (decoded !== undefined) return decoded;
  const isLongEnough = found(new Float32Array(scores.length)) !== undefined;
  throw isLongEnough
    ? withoutPath(where, scores, loop.stateCount)
    : new DataError("data/length", {
        where,
        rule: "a recording must have a frame for each state of at least one word that can stand alone",
        got: `${frames} frames`,
        fix: "Leave it out",
        details: { frames },
      });
}

function assertBelowInfinity(where: string, scores: Float32Array, states: number): void {
  for (let at = 0; at < scores.length; at++) {
    if (scores[at]! < Infinity) continue; // NaN is not
    const [frame, state] = [Math.floor(at / states), at % states];
    throw new DataError("data/not-finite", {
      where,
      rule: "scores must be numbers below Infinity",
      got: `${scores[at]} for state ${state} in frame ${frame}`,
      fix: "Check the model that gave them",
      details: { frame, state },
    });
  }
}

function withoutPath(where: string, scores: Float32Array, states: number): DataError {
  const first = scores.indexOf(-Infinity);
  const [frame, state] = [Math.floor(first / states), first % states];
  const count = scores.reduce((sum, score) => (score === -Infinity ? sum + 1 : sum), 0);
  return new DataError("data/not-finite", {
    where,
    rule: "scores must leave a path on which none is -Infinity",
    got: `${count} of ${scores.length} that are, the first for state ${state} in frame ${frame}`,
    fix: "Check the model that gave them",
    details: { count, frame, state },
  });
}

/** A word on a path, and what stands before it; −1 where nothing does. */
interface WordLink {
  readonly chain: number;
  readonly endFrame: number;
  readonly before: number;
}

/** Token passing: for each node the best path into it, as its score and its last whole word. */
class TokenSearch {
  readonly #loop: WordLoop;
  readonly #penalty: number;
  readonly #first: Float64Array;
  readonly #next: Float64Array;
  readonly #end: Float64Array;
  /** range of #next: a path that is further behind another cannot win a place after a word */
  readonly #spread: number;
  /** log-probability of moving on from a node to the next of its chain: −∞ at a chain's end */
  readonly #move: Float64Array;
  readonly #score: Float64Array;
  readonly #link: Int32Array;
  /** of each chain: the best path that leaves it, and the node that it leaves from */
  readonly #exit: Float64Array;
  readonly #exitNode: Int32Array;
  /** of each word: the best path that enters it, and the chain that it comes from */
  readonly #entry: Float64Array;
  readonly #entryFrom: Int32Array;
  /** of each chain: the path that enters it now, −∞ where staying in its first node is better */
  readonly #entering: Float64Array;
  readonly #links: WordLink[] = [];

  constructor(loop: WordLoop, weight: number, penalty: number) {
    const { first, next, end, vocabulary } = loop.languageModel;
    const weighted = (logs: Float64Array): Float64Array =>
      logs.map((log) => (weight === 0 ? 0 : weight * log)); // 0 · −∞ is no number
    [this.#first, this.#next, this.#end] = [weighted(first), weighted(next), weighted(end)];
    const extreme = (of: (...two: number[]) => number): number =>
      this.#next.reduce((a, b) => of(a, b));
    this.#spread = extreme(Math.max) - extreme(Math.min);
    this.#loop = loop;
    this.#penalty = penalty;
    this.#move = loop.leave.slice();
    for (const end of loop.start.subarray(1)) this.#move[end - 1] = -Infinity;
    this.#entering = new Float64Array(loop.word.length);
    this.#score = new Float64Array(loop.state.length).fill(-Infinity);
    this.#link = new Int32Array(loop.state.length).fill(-1);
    this.#exit = new Float64Array(loop.word.length).fill(-Infinity);
    this.#exitNode = new Int32Array(loop.word.length);
    this.#entry = new Float64Array(vocabulary.length);
    this.#entryFrom = new Int32Array(vocabulary.length);
  }

  /** Moves all tokens on by a frame. @param likelihoods float32 [states] */
  step(likelihoods: Float32Array, frame: number): void {
    if (frame === 0)
      this.#exit[0] = 0; // there need be no silence before the first word
    else this.#leave();
    this.#enter();
    const linkOf = this.#linker(frame);
    const { word, start, state, stay } = this.#loop;
    const [score, link, move] = [this.#score, this.#link, this.#move];
    for (let chain = 0; chain < word.length; chain++) {
      const [from, own] = [start[chain]!, word[chain]!];
      const entering = chain === 0 ? (frame === 0 ? 0 : -Infinity) : this.#entry[own]!;
      this.#entering[chain] = entering > score[from]! + stay[from]! ? entering : -Infinity;
    }
    // all nodes in one loop, which is most of the decoder's time
    for (let node = state.length - 1; node >= 0; node--) {
      const staying = score[node]! + stay[node]!;
      const arriving = node > 0 ? score[node - 1]! + move[node - 1]! : -Infinity;
      if (arriving > staying) link[node] = link[node - 1]!;
      score[node] = Math.max(arriving, staying) + likelihoods[state[node]!]!;
    }
    for (let chain = 0; chain < word.length; chain++) {
      const entering = this.#entering[chain]!;
      if (entering === -Infinity) continue;
      const from = start[chain]!;
      link[from] = chain === 0 ? -1 : linkOf(this.#entryFrom[word[chain]!]!);
      score[from] = entering + likelihoods[state[from]!]!;
    }
  }

  /** Finds the best path out of each chain: from its last state, or from its silence. */
  #leave(): void {
    const { word, start, silenceStart, leave } = this.#loop;
    for (let chain = 0; chain < word.length; chain++) {
      const [last, silent] = [silenceStart[chain]! - 1, start[chain + 1]! - 1];
      const spoken = chain === 0 ? -Infinity : this.#score[last]! + leave[last]!;
      const quiet = this.#score[silent]! + leave[silent]!;
      this.#exit[chain] = Math.max(spoken, quiet);
      this.#exitNode[chain] = spoken >= quiet ? last : silent;
    }
  }

  /** Finds the best path into each word. */
  #enter(): void {
    const words = this.#entry.length;
    for (let v = 0; v < words; v++) this.#entry[v] = this.#exit[0]! + this.#first[v]!;
    this.#entryFrom.fill(0);
    const best = this.#exit.subarray(1).reduce((a, b) => Math.max(a, b));
    for (let chain = 1; chain < this.#exit.length; chain++) {
      const exit = this.#exit[chain]!;
      if (exit === -Infinity || exit < best - this.#spread) continue;
      const row = this.#loop.word[chain]! * words;
      for (let v = 0; v < words; v++) {
        const score = exit + this.#next[row + v]!;
        if (score <= this.#entry[v]!) continue;
        this.#entry[v] = score;
        this.#entryFrom[v] = chain;
      }
    }
    for (let v = 0; v < words; v++) this.#entry[v]! -= this.#penalty;
  }

  /** @returns what gives the link of a chain that ends before this frame, made when first asked */
  #linker(endFrame: number): (chain: number) => number {
    const made = new Map<number, number>([[0, -1]]);
    const before = this.#exitNode.map((node) => this.#link[node]!);
    return (chain) => {
      const known = made.get(chain);
      if (known !== undefined) return known;
      const link = this.#links.push({ chain, endFrame, before: before[chain]! }) - 1;
      made.set(chain, link);
      return link;
    };
  }

  /** @returns the best path that ends after the last frame; undefined if none does */
  best(frames: number): Decoded | undefined {
    const { word, languageModel } = this.#loop;
    this.#leave();
    let [last, score] = [-1, -Infinity];
    for (let chain = 1; chain < word.length; chain++) {
      const ended = this.#exit[chain]! + this.#end[word[chain]!]!;
      if (ended > score) [last, score] = [chain, ended];
    }
    if (last < 0) return undefined;
    const timed: DecodedWord[] = [];
    const final = { chain: last, endFrame: frames, before: this.#link[this.#exitNode[last]!]! };
    for (
      let link: WordLink | undefined = final;
      link !== undefined;
      link = this.#links[link.before]
    )
      timed.push({
        word: languageModel.vocabulary[word[link.chain]!]!,
        endFrame: link.endFrame,
      });
    timed.reverse();
    return { words: timed.map((each) => each.word), timed, score };
  }
}
