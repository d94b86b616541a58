/**
 * @file Word errors: totals as python-Levenshtein counts them, split into kinds as an independent
 * shortest path does (scripts/golden/word_errors.py); cases by hand; rates.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { alignWords, wordErrorRate } from "./word-errors.ts";

const wordsOf = (text: string): string[] => text.split(" ").filter((word) => word !== "");

type Row = [string, string, number, number, number, number];
const golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/word-errors.json", import.meta.url), "utf8"),
) as { cases: Row[] }; // written by scripts/golden/word_errors.py

describe("alignWords", () => {
  it("counts as python-Levenshtein and an independent shortest path do, on 300 pairs of sentences", () => {
    const own = golden.cases.map(([reference, hypothesis]) => {
      const { words, substitutions, deletions, insertions } = alignWords(
        wordsOf(reference),
        wordsOf(hypothesis),
      );
      return [reference, hypothesis, words, substitutions, deletions, insertions];
    });
    expect(own).toEqual(golden.cases);
  });

  it("pairs the words", () => {
    const { aligned, ...errors } = alignWords(
      wordsOf("the cat sat on the mat"),
      wordsOf("the cat sit on mat now"),
    );
    expect(errors).toEqual({ words: 6, substitutions: 1, deletions: 1, insertions: 1 });
    const shown = aligned.map(({ reference, hypothesis }) => [reference, hypothesis]);
    expect(shown).toEqual([
      ["the", "the"],
      ["cat", "cat"],
      ["sat", "sit"],
      ["on", "on"],
      ["the", null],
      ["mat", "mat"],
      [null, "now"],
    ]);
  });

  it.each([
    ["", "", 0, 0, 0],
    ["one two", "", 0, 2, 0],
    ["", "one two", 0, 0, 2],
    ["one two", "two six", 0, 1, 1], // not two substitutions: "two" is right
  ])("'%s' heard as '%s'", (said, heard, substitutions, deletions, insertions) => {
    expect(alignWords(wordsOf(said), wordsOf(heard))).toMatchObject({
      substitutions,
      deletions,
      insertions,
    });
  });
});

describe("wordErrorRate", () => {
  it("is over all words, not over sentences, and can pass 1", () => {
    const first = alignWords(["one"], ["six"]);
    const second = alignWords(["one", "two", "three"], ["one", "two", "three"]);
    expect(wordErrorRate([first, second])).toBe(0.25);
    expect(wordErrorRate([alignWords(["one"], ["two", "two", "two"])])).toBe(3);
  });

  it("refuses references without words", () => {
    expect(() => wordErrorRate([alignWords([], ["one"])])).toThrowError(
      "wordErrorRate: the references must have at least one word, got none. Give the words that were said.",
    );
  });
});
