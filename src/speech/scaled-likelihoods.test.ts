/** @file Scaled likelihoods: Bayes' rule worked by hand. */

import { describe, expect, it } from "vitest";
import { scaledLogLikelihoods, statePriors } from "./scaled-likelihoods.ts";

describe("statePriors", () => {
  it("adds one frame to each state, and leaves out unknown ones", () => {
    expect([...statePriors(Int32Array.of(0, 0, 1, -1), 3)]).toEqual([3 / 6, 2 / 6, 1 / 6]);
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

  it("refuses what does not fit together", () => {
    expect(() => scaledLogLikelihoods(Float32Array.of(1), priors)).toThrowError(
      "scaledLogLikelihoods: logits must be [frames, states], with a prior for each state, got 1 logits and 2 priors.",
    );
    expect(() => scaledLogLikelihoods(logits, priors, -1)).toThrowError("priorWeight must be");
    expect(() => scaledLogLikelihoods(logits, Float64Array.of(0, 1))).toThrowError("prior must be");
  });
});
