/** @file Scaled likelihoods: Bayes' rule worked by hand. */

import { describe, expect, it } from "vitest";
import { scaledLogLikelihoods, statePriors } from "./scaled-likelihoods.ts";

describe("statePriors", () => {
  it("adds one frame to each state, and leaves out unknown ones", () => {
    expect([...statePriors(Int32Array.of(0, 0, 1, -1), 3)]).toEqual([3 / 6, 2 / 6, 1 / 6]);
  });

  it.each([5, 3, -2])("refuses label %d, which is not one of three states", (odd) => {
    expect(() => statePriors(Int32Array.of(0, 1, odd), 3)).toThrowError(
      `statePriors: labels must be states, 0 … 2, or -1 where the state is not known, got ${odd} in frame 2.`,
    );
  });
});

describe("scaledLogLikelihoods", () => {
  const logits = Float32Array.of(1000, 1000 + Math.log(3), 0, 0);
  const priors = Float64Array.of(0.5, 0.5);

  it("is log posterior − weight · log prior", () => {
    const scores = scaledLogLikelihoods(logits, Float64Array.of(0.2, 0.8), 0.5);
    // float32 logits of 1000 hold 6e-5
    expect(scores[0]).toBeCloseTo(Math.log(0.25) - 0.5 * Math.log(0.2), 3);
    expect(scores[1]).toBeCloseTo(Math.log(0.75) - 0.5 * Math.log(0.8), 3);
    expect(scores[2]).toBeCloseTo(Math.log(0.5) - 0.5 * Math.log(0.2), 6); // float32
  });

  it("takes states that cannot be", () => {
    const scores = scaledLogLikelihoods(Float32Array.of(-Infinity, 3), priors, 0);
    expect([...scores]).toEqual([-Infinity, 0]);
  });

  it.each([
    [[0, Number.NaN], "NaN for state 1 in frame 1"],
    [[0, Infinity], "Infinity for state 1 in frame 1"],
    [[-Infinity, -Infinity], "-Infinity for every state in frame 1"],
  ])("refuses a frame without a softmax: %j", (frame, got) => {
    expect(() => scaledLogLikelihoods(Float32Array.of(0, 0, ...frame), priors)).toThrowError(
      `scaledLogLikelihoods: the largest logit of a frame must be a finite number, got ${got}.`,
    );
  });

  it("refuses what does not fit together", () => {
    expect(() => scaledLogLikelihoods(Float32Array.of(1), priors)).toThrowError(
      "scaledLogLikelihoods: logits must be [frames, states], with a prior for each state, got 1 logits and 2 priors.",
    );
    expect(() => scaledLogLikelihoods(logits, priors, -1)).toThrowError("priorWeight must be");
    expect(() => scaledLogLikelihoods(logits, Float64Array.of(0, 1))).toThrowError("prior must be");
  });
});
