import { describe, expect, it } from "vitest";
import { parseLexicon, phoneStates, pronunciations } from "./lexicon.ts";

const classNames = ["pau", "z-1", "z-2", "ow-1", "ow-2", "ow-3"];

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message; // all are errors
  }
  return "nothing was refused";
}

describe("parseLexicon", () => {
  it("reads a word and its phones a line; other pronunciations are lines of their own", () => {
    const text = ";;; CMU's comment\nzero z ow\n\nzero(2)\tow\r\n(2) z\n";
    expect(parseLexicon(text, "lexicon.txt")).toEqual([
      { word: "zero", phones: ["z", "ow"], line: 2 },
      { word: "zero", phones: ["ow"], line: 4 },
      { word: "(2)", phones: ["z"], line: 5 },
    ]);
  });

  it("refuses words without phones, and a lexicon without words", () => {
    expect(messageOf(() => parseLexicon("one w ah n\nzero\n", "a.txt"))).toMatchInlineSnapshot(
      `"a.txt, line 2: a word must have phones, got none of "zero". Correct the lexicon, or the names of the classes."`,
    );
    expect(messageOf(() => parseLexicon("\n", "a.txt"))).toMatchInlineSnapshot(
      `"a.txt: a lexicon must hold at least one word, a word and its phones a line, got none. Correct the lexicon, or the names of the classes."`,
    );
  });
});

describe("pronunciations", () => {
  const states = (text: string) => pronunciations(parseLexicon(text, "a.txt"), classNames, "a.txt");

  it("spells phones as their states, by the classes' names", () => {
    expect(states("zero z ow\noh ow-3 pau\n")).toEqual([
      { word: "zero", states: [1, 2, 3, 4, 5] },
      { word: "oh", states: [5, 0] },
    ]);
  });

  it("takes a class of the phone's own name before numbered ones", () => {
    expect(phoneStates(["a-1", "a", "a-2"])("a")).toEqual([1]);
  });

  it("refuses a phone that no class is named after", () => {
    expect(messageOf(() => states("zero z ow\none w\n"))).toMatchInlineSnapshot(
      `"a.txt, line 2: every phone must be a class of the acoustic model, or its states PHONE-1, …, got "w" in "one"; classes are pau, z-1, z-2, ow-1, … (6). Correct the lexicon, or the names of the classes."`,
    );
  });
});
