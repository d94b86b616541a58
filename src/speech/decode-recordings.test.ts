/** @file Decoding many recordings, and how long states last: counted by hand. */

import { describe, expect, it } from "vitest";
import { decodeRecordings } from "./decode-recordings.ts";
import { uniformLanguageModel } from "./language-model.ts";
import { meanStateFrames } from "./state-durations.ts";
import { wordLoop } from "./word-loop.ts";

describe("meanStateFrames", () => {
  it("is frames by runs; a run ends with its recording", () => {
    const labels = Int32Array.of(0, 0, 0, 1, 0, -1, 0, 0, 0);
    // state 0: 3, 1, 1 and 2 frames; state 1: one; state 2: none, so 8 frames in 5 runs
    expect([...meanStateFrames(labels, [7, 2], 3)]).toEqual([7 / 4, 1, 8 / 5]);
  });
});

describe("decodeRecordings", () => {
  const loop = wordLoop({
    lexicon: [
      { word: "yes", states: [1] },
      { word: "no", states: [2] },
    ],
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

  it("refuses lengths that do not add up", () => {
    expect(() => decodeRecordings(loop, new Float32Array(9), [2], { priors })).toThrowError(
      "decodeRecordings: logits must be [frames, 3], with the frames of all recordings, got 9 logits, 2 frames in recordings.",
    );
  });
});
