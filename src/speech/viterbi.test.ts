/** @file Decoding: planted strings, and every path of small problems tried one by one. */

import { describe, expect, it } from "vitest";
import { randomStream } from "../engine/tensor/index.ts";
import { bigramLanguageModel, type LanguageModel, uniformLanguageModel } from "./language-model.ts";
import { type Decoded, decodeWords } from "./viterbi.ts";
import { type WordLoopOptions, wordLoop } from "./word-loop.ts";

/** Log-likelihoods that are 0 in the states given, frame by frame, and −10 elsewhere. */
function planted(states: number, path: string): Float32Array {
  const frames = [...path].map(Number);
  return Float32Array.from({ length: frames.length * states }, (_, at) =>
    at % states === frames[Math.floor(at / states)] ? 0 : -10,
  );
}

const yesNo: WordLoopOptions = {
  lexicon: [
    { word: "yes", states: [1, 2, 1] },
    { word: "no", states: [3, 4] },
    { word: "no", states: [3, 2] },
  ],
  silence: [0],
  languageModel: uniformLanguageModel(["yes", "no"]),
  states: 5,
};

describe("decodeWords finds planted strings", () => {
  it.each([
    ["0011222111003344", "yes no"],
    ["121", "yes"],
    ["334434121121", "no no yes yes"],
    ["00033332200", "no"], // by its second pronunciation
    ["1213444444121", "yes no yes"],
  ])("%s: %s", (path, words) => {
    expect(decodeWords(wordLoop(yesNo), planted(5, path)).words.join(" ")).toBe(words);
  });

  it("says where words end", () => {
    const { timed } = decodeWords(wordLoop(yesNo), planted(5, "0011222111003344"));
    expect(timed).toEqual([
      { word: "yes", endFrame: 12 }, // with the silence behind it
      { word: "no", endFrame: 16 },
    ]);
  });

  it("lets the language model decide between words that sound the same", () => {
    const languageModel = bigramLanguageModel(
      [
        ["two", "birds"],
        ["two", "birds"],
        ["to", "go"],
      ],
      ["two", "to", "birds", "go"],
    );
    const lexicon = [
      { word: "two", states: [1] },
      { word: "to", states: [1] },
      { word: "birds", states: [2] },
      { word: "go", states: [3] },
    ];
    const loop = wordLoop({ lexicon, silence: [0], languageModel, states: 4 });
    expect(decodeWords(loop, planted(4, "1122")).words).toEqual(["two", "birds"]);
    expect(decodeWords(loop, planted(4, "1133")).words).toEqual(["to", "go"]);
  });

  it("a penalty a word gives fewer words, a reward more", () => {
    const lexicon = [{ word: "no", states: [1] }];
    const languageModel = uniformLanguageModel(["no"]);
    const loop = wordLoop({ lexicon, silence: [0], languageModel, states: 2 });
    const count = (wordInsertionPenalty: number): number =>
      decodeWords(loop, planted(2, "1111"), { wordInsertionPenalty }).words.length;
    expect(count(5)).toBe(1);
    expect(count(-5)).toBe(4);
  });

  it("mean durations count", () => {
    const lexicon = [
      { word: "short", states: [1] },
      { word: "long", states: [2] },
    ];
    const languageModel = uniformLanguageModel(["short", "long"]);
    const options = { lexicon, silence: [0], languageModel, states: 3, meanFrames: [2, 1.1, 8] };
    const silent = new Float32Array(8 * 3).fill(-1); // says nothing
    expect(decodeWords(wordLoop(options), silent).words).toEqual(["long"]);
  });
});

interface Weights {
  readonly languageModelWeight: number;
  readonly wordInsertionPenalty: number;
}

/** The best score, and its words, by trying all strings of chains and, of each, all durations. */
function bestOfAll(
  options: WordLoopOptions,
  scores: Float32Array,
  weights: Weights,
): Pick<Decoded, "score" | "words"> {
  const { lexicon, silence, languageModel: lm, states, meanFrames = [2, 2, 2] } = options;
  const { languageModelWeight: weight, wordInsertionPenalty: penalty } = weights;
  const frames = scores.length / states;
  const number = (word: string): number => lm.vocabulary.indexOf(word);
  let best: Pick<Decoded, "score" | "words"> = { score: -Infinity, words: [] };
  let words: readonly string[] = [];
  const timeNodes = (nodes: readonly number[], from: number, score: number): void => {
    if (nodes.length === 0) {
      if (from === frames && score > best.score) best = { score, words };
      return;
    }
    const [state, ...rest] = nodes;
    const [stay, leave] = [1 - 1 / meanFrames[state!]!, 1 / meanFrames[state!]!];
    let sum = score + Math.log(leave);
    for (let end = from + 1; end <= frames - rest.length; end++) {
      sum += scores[(end - 1) * states + state!]! + (end - from > 1 ? Math.log(stay) : 0);
      timeNodes(rest, end, sum);
    }
  };
  const extend = (nodes: readonly number[], said: readonly string[], sum: number): void => {
    if (nodes.length > frames) return;
    const last = number(said.at(-1) ?? "");
    words = said;
    if (said.length > 0) timeNodes(nodes, 0, sum + weight * lm.end[last]!);
    for (const { word, states: chain } of lexicon) {
      const next = number(word);
      const log = last < 0 ? lm.first[next]! : lm.next[last * lm.vocabulary.length + next]!;
      const score = sum + weight * log - penalty;
      extend([...nodes, ...chain], [...said, word], score);
      extend([...nodes, ...chain, ...silence], [...said, word], score);
    }
  };
  extend([], [], 0);
  extend(silence, [], 0);
  return best;
}

describe("decodeWords is exact", () => {
  const sentences = [
    ["a", "b", "a"],
    ["b", "b"],
    ["b", "a", "c"],
  ];
  const vocabulary = ["a", "b", "c"];
  const models: Record<string, LanguageModel> = {
    bigram: bigramLanguageModel(sentences, vocabulary, { strength: 0.3 }),
    uniform: uniformLanguageModel(vocabulary),
  };
  const lexicon = [
    { word: "a", states: [0] },
    { word: "b", states: [1, 0] },
    { word: "b", states: [1] },
    { word: "c", states: [0, 1] },
  ];

  it.each([
    ["bigram", [2], 6],
    ["bigram", [2, 1], 6],
    ["uniform", [2], 5],
  ] as const)(
    "%s, silence of %j, %i frames: no path is better, in 40 random problems",
    (name, silence, frames) => {
      for (let problem = 0; problem < 40; problem++) {
        const stream = randomStream("viterbi", name, frames, problem);
        const scores = Float32Array.from({ length: frames * 3 }, () => 2 * stream.normal());
        const meanFrames = [1 + 3 * stream.uniform(), 1 + 3 * stream.uniform(), 2];
        const options = { lexicon, silence, languageModel: models[name]!, states: 3, meanFrames };
        const weights = {
          languageModelWeight: 2 * stream.uniform(),
          wordInsertionPenalty: stream.normal(),
        };
        const { score, words } = decodeWords(wordLoop(options), scores, weights);
        const best = bestOfAll(options, scores, weights);
        expect(score).toBeCloseTo(best.score, 9); // sums of float64
        // the uniform model scores "a b" (0 1 0) and "c a" (0 1 0) alike
        if (name === "bigram") expect(words).toEqual(best.words);
      }
    },
  );
});

describe("decodeWords refuses", () => {
  it("recordings that are too short", () => {
    const options = { ...yesNo, lexicon: [{ word: "yes", states: [1, 2, 1] }] };
    expect(() => decodeWords(wordLoop(options), planted(5, "12"))).toThrowError(
      "decodeWords: a recording must have a frame for each state of at least one word that can stand alone, got 2 frames. Leave it out.",
    );
  });

  const scores = planted(5, "0011222111003344");

  it.each([Number.NaN, Infinity])("a score of %d, even where no best path goes", (odd) => {
    expect(() => decodeWords(wordLoop(yesNo), scores.with(5 * 4 + 3, odd))).toThrowError(
      `decodeWords: scores must be numbers below Infinity, got ${odd} for state 3 in frame 4.`,
    );
  });

  it("scores of -Infinity that leave no path, and only those", () => {
    const never = scores.map((score) => (score === 0 ? 0 : -Infinity)); // the planted path alone
    expect(decodeWords(wordLoop(yesNo), never).words).toEqual(["yes", "no"]);
    const cut = scores.with(5 + 2, -Infinity).fill(-Infinity, 5 * 4, 5 * 5); // all of a frame
    expect(() => decodeWords(wordLoop(yesNo), cut)).toThrowError(
      "decodeWords: scores must leave a path on which none is -Infinity, got 6 of 80 that are, the first for state 2 in frame 1. Check the model that gave them.",
    );
    const yes = { ...yesNo, lexicon: [{ word: "yes", states: [1, 2, 1] }] };
    const short = new Float32Array(10).fill(-Infinity);
    expect(() => decodeWords(wordLoop(yes), short)).toThrowError("got 2 frames. Leave it out.");
  });

  it("scores of other states", () => {
    expect(() => decodeWords(wordLoop(yesNo), new Float32Array(7))).toThrowError(
      "decodeWords: scores must be [frames, states], at least one frame, got 7 scores for 5 states.",
    );
  });
});

describe("wordLoop refuses", () => {
  it.each([
    [{ lexicon: [] }, "the lexicon must hold at least one word, got none"],
    [
      { lexicon: [{ word: "yes", states: [] }] },
      "a pronunciation must have at least one state, got none for yes",
    ],
    [{ lexicon: [{ word: "yes", states: [5] }] }, "states must be 0 … 4, got 5 in yes"],
    [{ silence: [] }, "a pronunciation must have at least one state, got none for silence"],
    [
      { lexicon: [{ word: "maybe", states: [1] }] },
      'every word must be in the language model\'s vocabulary, got "maybe"',
    ],
    [{ meanFrames: [0.5] }, "meanFrames must be a finite number, at least 1, got 0.5"],
  ])("%j", (more, message) => {
    expect(() => wordLoop({ ...yesNo, ...more })).toThrowError(message);
  });
});
