/** @file Decoding many recordings, and how long states last: counted by hand. */

import { describe, expect, it } from "vitest";
import { decodeRecordings } from "./decode-recordings.ts";
import { uniformLanguageModel } from "./language-model.ts";
import { meanStateFrames } from "./state-durations.ts";
import { wordLoop } from "./word-loop.ts";

describe("meanStateFrames", () => {
  it("is frames by runs; a run ends with its recording", () => {
    const labels = Int32Array.of(0, 0, 0, 1, 0, -1, 0, 0, 0);
    // state 0: 3, 1, 1 and 2 frames; state 1: one, and once what is usual; state 2: none
    expect([...meanStateFrames(labels, [7, 2], 3)]).toEqual([7 / 4, (1 + 2) / 2, 2]);
    expect([...meanStateFrames(Int32Array.of(0, 0, 0, 0, 0, 1), [6], 3)]).toEqual([5, 2, 3]);
  });

  it("refuses labels that are no states", () => {
    expect(() => meanStateFrames(Int32Array.of(0, -1, 3), [3], 3)).toThrowError(
      "meanStateFrames: labels must be states, 0 … 2, or -1 where the state is not known, got 3 in frame 2.",
    );
  });
});

describe("decodeRecordings", () => {
  const words = [
    { word: "yes", states: [1] },
    { word: "no", states: [2] },
  ];
  const loop = wordLoop({
    lexicon: words,
    silence: [0],
    languageModel: uniformLanguageModel(["yes", "no"]),
    states: 3,
  });
  const priors = Float64Array.of(0.4, 0.3, 0.3);

  it("keeps recordings apart", () => {
    const path = [1, 1, 0, 2, 2, 2, 1];
    const logits = Float32Array.from({ length: 21 }, (_, at) =>
      path[Math.floor(at / 3)] === at % 3 ? 9 : 0,
    );
    const decoded = decodeRecordings(loop, logits, [2, 3, 2], { priors });
    expect(decoded.map(({ words }) => words.join(" "))).toEqual(["yes", "no", "no yes"]);
  });

  it("can stay in a state of which the training part has one frame", () => {
    const meanFrames = meanStateFrames(Int32Array.of(0, 0, 1, 1, 0, 2, 0), [7], 3);
    const own = wordLoop({
      ...{ lexicon: words, silence: [0], languageModel: uniformLanguageModel(["yes", "no"]) },
      ...{ states: 3, meanFrames },
    });
    const path = [0, 0, 2, 2, 2, 2, 0, 0];
    const logits = Float32Array.from({ length: 24 }, (_, at) =>
      path[Math.floor(at / 3)] === at % 3 ? 9 : 0,
    );
    expect(decodeRecordings(own, logits, [8], { priors })[0]!.words).toEqual(["no"]);
  });

  it("refuses priors of other states, and scores that are no numbers", () => {
    const logits = new Float32Array(18);
    expect(() => decodeRecordings(loop, logits, [6], { priors: Float64Array.of(1) })).toThrow(
      "priors must be one for each of the loop's 3 states, got 1",
    );
    for (const odd of [Number.NaN, Infinity])
      expect(() => decodeRecordings(loop, logits.with(7, odd), [2, 4], { priors })).toThrow(
        `the largest logit of a frame must be a finite number, got ${odd} for state 1 in frame 2.`,
      );
    expect(() =>
      decodeRecordings(loop, logits, [5, 1], { priors, languageModelWeight: -1 }),
    ).toThrow("decodeRecordings: languageModelWeight must be a finite number, at least 0, got -1.");
    expect(() => decodeRecordings(loop, logits, [6, 0], { priors })).toThrow("recording 1: scores");
    const masked = logits.map((_, at) => (at % 3 === 1 ? -Infinity : 0)); // never "yes"
    expect(decodeRecordings(loop, masked, [6], { priors })[0]!.words).toContain("no");
  });

  it("refuses scores that float32 cannot hold", () => {
    const logits = Float32Array.from({ length: 18 }, (_, at) => (at % 3 === 0 ? 9 : 0));
    const options = { priors, acousticScale: 1e38 };
    expect(() => decodeRecordings(loop, logits, [6], options)).toThrow(
      "none is -Infinity, got 12 of 18 that are, the first for state 1 in frame 0.",
    );
  });

  it("weighs the acoustic scores against everything else", () => {
    const logits = Float32Array.from({ length: 21 }, (_, at) => 3 * Math.sin(7 * at));
    const weights = { priors, priorWeight: 0.5, languageModelWeight: 3, wordInsertionPenalty: 1 };
    const scaled = { ...weights, languageModelWeight: 6, wordInsertionPenalty: 2 };
    const [plain] = decodeRecordings(loop, logits, [7], weights);
    const [twice] = decodeRecordings(loop, logits, [7], { ...scaled, acousticScale: 2 });
    const moves = 7 * Math.log(0.5); // staying and leaving are alike here
    expect(twice!.words).toEqual(plain!.words);
    expect(twice!.score).toBeCloseTo(2 * (plain!.score - moves) + moves, 5); // float32 scores
    expect(() =>
      decodeRecordings(loop, logits, [7], { priors, acousticScale: 0 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: decodeRecordings: acousticScale must be a finite number, above 0, got 0. Correct acousticScale.]`,
    );
  });

  it("refuses lengths that do not add up", () => {
    expect(() => decodeRecordings(loop, new Float32Array(9), [2], { priors })).toThrowError(
      "decodeRecordings: logits must be [frames, 3], with the frames of all recordings, got 9 logits, 2 frames in recordings.",
    );
  });
});
