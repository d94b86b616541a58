/** @file The decoder's grammar: any string of words, each a chain of states, between silence. */

import { assertInRange, ConfigError } from "../errors/index.ts";
import type { LanguageModel } from "./language-model.ts";

/** One way to say a word. */
export interface Pronunciation {
  readonly word: string;
  /** states in order; each lasts at least one frame */
  readonly states: readonly number[];
}

export interface WordLoopOptions {
  /** several pronunciations of a word are several entries */
  readonly lexicon: readonly Pronunciation[];
  /** states of the silence that may stand before, between and after words */
  readonly silence: readonly number[];
  readonly languageModel: LanguageModel;
  /** number of states that the classifier names */
  readonly states: number;
  /**
   * mean frames in each state, at least 1; a state is left with a probability of 1 / frames.
   * Default 2 for all: staying and leaving are alike
   */
  readonly meanFrames?: ArrayLike<number>;
}

/**
 * A word loop as chains of nodes in flat arrays: chain 0 is the silence before the first word;
 * chain i + 1 is pronunciation i and the silence after it, which may be passed over.
 */
export interface WordLoop {
  readonly languageModel: LanguageModel;
  readonly stateCount: number;
  /** state of each node */
  readonly state: Int32Array;
  /** log-probability of staying in a node, and of leaving it */
  readonly stay: Float64Array;
  readonly leave: Float64Array;
  /** first node of each chain; one entry more than chains, where the last one ends */
  readonly start: Int32Array;
  /** node of the chain at which its silence starts */
  readonly silenceStart: Int32Array;
  /** word of each chain as a number in the vocabulary; −1 for chain 0 */
  readonly word: Int32Array;
}

/**
 * @throws ConfigError "config/lexicon" for an empty lexicon, a word outside the language model, a
 *   pronunciation without states, or a state outside 0 … states − 1; "config/range" for mean frames
 *   below 1
 */
export function wordLoop(options: WordLoopOptions): WordLoop {
  const { lexicon, silence, languageModel, states } = options;
  assertLexicon(options);
  const numbers = new Map(languageModel.vocabulary.map((word, index) => [word, index]));
  const chains = [[], ...lexicon.map((entry) => entry.states)];
  const start = new Int32Array(chains.length + 1);
  const silenceStart = new Int32Array(chains.length);
  const nodes: number[] = [];
  chains.forEach((chain, at) => {
    nodes.push(...chain);
    silenceStart[at] = nodes.length;
    nodes.push(...silence);
    start[at + 1] = nodes.length;
  });
  const frames = nodes.map((state) => options.meanFrames?.[state] ?? 2);
  return {
    languageModel,
    stateCount: states,
    state: Int32Array.from(nodes),
    stay: Float64Array.from(frames, (mean) => Math.log(1 - 1 / mean)),
    leave: Float64Array.from(frames, (mean) => -Math.log(mean)),
    start,
    silenceStart,
    word: Int32Array.of(-1, ...lexicon.map(({ word }) => numbers.get(word)!)),
  };
}

function assertLexicon({
  lexicon,
  silence,
  languageModel,
  states,
  ...more
}: WordLoopOptions): void {
  const fail = (rule: string, got: string): never => {
    const fix = "Correct the lexicon";
    throw new ConfigError("config/lexicon", { where: "wordLoop", rule, got, fix });
  };
  const known = new Set(languageModel.vocabulary);
  if (lexicon.length === 0) fail("the lexicon must hold at least one word", "none");
  for (const { word, states: chain } of [...lexicon, { word: "silence", states: silence }]) {
    if (chain.length === 0)
      fail("a pronunciation must have at least one state", `none for ${word}`);
    const odd = chain.find((state) => !(Number.isInteger(state) && state >= 0 && state < states));
    if (odd !== undefined) fail(`states must be 0 … ${states - 1}`, `${odd} in ${word}`);
  }
  const stranger = lexicon.find(({ word }) => !known.has(word));
  if (stranger !== undefined)
    fail("every word must be in the language model's vocabulary", `"${stranger.word}"`);
  for (const meanFrames of Array.from(more.meanFrames ?? []))
    assertInRange("wordLoop", { meanFrames }, { from: 1 });
}
