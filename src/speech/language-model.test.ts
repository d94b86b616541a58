/** @file Bigram language model: worked by hand, and its probabilities add up. */

import { describe, expect, it } from "vitest";
import { bigramLanguageModel, uniformLanguageModel } from "./language-model.ts";

describe("bigramLanguageModel", () => {
  const model = bigramLanguageModel([["a", "b"], ["a"]], ["a", "b", "c"], { strength: 2 });

  it("is (count + strength · unigram) / (total + strength)", () => {
    // columns a, b, c, end: counts + 1 are 3, 2, 1, 3 of 9; after the start, of 6 without the end
    expect(Math.exp(model.first[0]!)).toBeCloseTo((2 + (2 * 3) / 6) / 4, 12); // float64
    expect(Math.exp(model.next[1]!)).toBeCloseTo((1 + (2 * 2) / 9) / 4, 12); // b after a
    expect(Math.exp(model.end[0]!)).toBeCloseTo((1 + (2 * 3) / 9) / 4, 12);
    expect(Math.exp(model.next[2 * 3 + 1]!)).toBeCloseTo(2 / 9, 12); // b after c, never seen
  });

  it.each([
    ["bigram", model],
    ["uniform", uniformLanguageModel(["a", "b", "c"])],
  ])("adds up to 1 after the start and after each word: %s", (_, { first, next, end }) => {
    const sum = (logs: Float64Array): number => logs.reduce((total, x) => total + Math.exp(x), 0);
    expect(sum(first)).toBeCloseTo(1, 12);
    for (let word = 0; word < 3; word++)
      expect(sum(next.subarray(3 * word, 3 * word + 3)) + Math.exp(end[word]!)).toBeCloseTo(1, 12);
  });

  it("refuses words outside the vocabulary", () => {
    expect(() => bigramLanguageModel([["x"]], ["a"])).toThrowError(
      'bigramLanguageModel: every word must be in the vocabulary, got "x". Add it to the vocabulary, or leave its sentence out.',
    );
  });
});
