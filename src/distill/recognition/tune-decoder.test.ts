/** @file A decoder's weights and word errors on recordings whose best words are known by hand. */

import { describe, expect, it } from "vitest";
import { framesDataset } from "../../data/index.ts";
import { makeRecognizer } from "../../speech/index.ts";
import { assertRecognizable, candidatesOf, transcribed } from "./recognition-options.ts";
import { recognizeSystem } from "./recognize.ts";
import { countWordErrors, tuneDecoder } from "./tune-decoder.ts";

// states: 0 silence, 1 yes, 2 no
const lexicon = [
  { word: "yes", states: [1] },
  { word: "no", states: [2] },
];
const labels = Int32Array.of(1, 1, 2, 2, 0, 1, 1, 2);
const recognizer = makeRecognizer({
  lexicon,
  silence: [0],
  sentences: [["yes", "no", "yes", "no"]],
  labels,
  lengths: [8],
  states: 3,
});
const weights = {
  languageModelWeight: 1,
  priorWeight: 1,
  acousticScale: 1,
  wordInsertionPenalty: 0,
};

/** float32 [frames, states]: sure of the states, but for a slip in the last frame but one */
function logitsOf(states: readonly number[], sureness: number): Float32Array {
  return Float32Array.from({ length: 3 * states.length }, (_, at) =>
    states[Math.floor(at / 3)] === at % 3 ? sureness : 0,
  );
}

function part(words: readonly string[], frames = 6) {
  const features = new Float32Array(frames).map((_, at) => at);
  return framesDataset({
    name: "speech",
    recordings: [{ features, group: "a", words, labels: new Int32Array(frames) }],
    features: 1,
    context: { before: 0, after: 0 },
    classNames: ["pau", "yes", "no"],
  });
}

describe("tuneDecoder", () => {
  const logits = logitsOf([1, 1, 1, 2, 1, 1], 3); // a flicker of "no" in the middle of "yes"
  const scored = { logits, recordings: transcribed(part(["yes"])) };

  it("counts the flicker as words, unless words cost enough", () => {
    const [free] = countWordErrors(recognizer, scored, weights);
    expect(free).toEqual({ words: 1, substitutions: 0, deletions: 0, insertions: 2 });
    const [dear] = countWordErrors(recognizer, scored, { ...weights, wordInsertionPenalty: 9 });
    expect(dear).toEqual({ words: 1, substitutions: 0, deletions: 0, insertions: 0 });
  });

  it("takes the weights with the fewest errors, the first of equals", () => {
    const found = tuneDecoder(recognizer, scored, {
      languageModelWeight: [1, 0.5],
      priorWeight: [1],
      acousticScale: [1],
      wordInsertionPenalty: [0, 9, 12],
    });
    expect(found).toEqual({ weights: { ...weights, wordInsertionPenalty: 9 }, wordErrorRate: 0 });
  });

  it("chooses on validation alone", () => {
    const clean = logitsOf([1, 1, 1, 2, 1, 1], 3);
    const options = { recognizer, candidates: { wordInsertionPenalty: [0, 9] } };
    const data = { validation: part(["yes", "no", "yes"]), test: part(["yes"]) };
    const system = recognizeSystem(options, data, { name: "a", validation: clean, test: clean });
    expect(system.weights.wordInsertionPenalty).toBe(0); // the test part would have it 9
    expect(system.validationWordErrorRate).toBe(0);
    expect(system.errors).toEqual([{ words: 1, substitutions: 0, deletions: 0, insertions: 2 }]);
  });
});

describe("what is refused before work starts", () => {
  const refusal = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      return (error as Error).message; // all are errors
    }
    return "nothing was refused";
  };

  it.each([
    ["a word without pronunciation", () => assertRecognizable(recognizer, part(["yes", "maybe"]))],
    [
      "another number of states",
      () => assertRecognizable(recognizer, { ...part(["yes"]), classNames: ["pau", "yes"] }),
    ],
    [
      "no transcripts",
      () => transcribed({ ...part(["yes"]), recordings: { of: new Int32Array(6), words: null } }),
    ],
    ["no recordings", () => transcribed({ ...part(["yes"]), recordings: undefined })],
    ["no candidates", () => candidatesOf({ recognizer, candidates: { priorWeight: [] } })],
  ])("%s", (_, work) => {
    expect(refusal(work)).toMatchSnapshot();
  });

  it("a recording that is shorter than any word", () => {
    const long = lexicon.map(({ word, states }) => ({ word, states: [...states, ...states] }));
    const { loop, priors } = makeRecognizer({
      lexicon: long,
      silence: [0],
      sentences: [["yes"]],
      labels,
      lengths: [8],
      states: 3,
    });
    expect(refusal(() => assertRecognizable({ loop, priors }, part(["yes"], 1)))).toMatch(
      /a recording must have the 2 frames of the shortest word, got 1\./,
    );
  });
});
