import { describe, expect, it } from "vitest";
import { encodeTexts, paddingId, textEncoding, tokens, unknownId } from "./tokens.ts";

describe("tokens", () => {
  it.each([
    ["Don't PANIC!", ["don't", "panic", "!"]],
    ["  two\twords\n", ["two", "words"]],
    ["naïve café №5", ["naïve", "café", "no5"]], // NFKC: № is "No"
    ["3.14 <b>", ["3", ".", "14", "<", "b", ">"]],
    ["日本語 ok", ["日本語", "ok"]],
    ["", []],
  ])("%j", (text, expected) => {
    expect(tokens(text)).toEqual(expected);
  });
});

describe("textEncoding", () => {
  const texts = ["b a b", "c b a", "d"];

  it("numbers the most frequent, equal ones in code-point order, after padding and unknown", () => {
    expect(textEncoding(texts, { size: 5, length: 4 })).toEqual({
      vocabulary: ["<padding>", "<unknown>", "b", "a", "c"],
      length: 4,
    });
  });

  it("cuts, fills up, and gives unknown tokens one id", () => {
    const encoding = textEncoding(texts, { size: 4, length: 3 });
    expect([...encodeTexts(["a b d b", "B", ""], encoding)]).toEqual([
      ...[3, 2, unknownId],
      ...[2, paddingId, paddingId],
      ...[paddingId, paddingId, paddingId],
    ]);
  });

  it("takes no text for a marker", () => {
    const encoding = textEncoding(["<padding> <unknown>"], { size: 99, length: 6 });
    expect([...encodeTexts(["<padding>"], encoding)].slice(0, 3)).not.toContain(paddingId);
  });

  it.each([
    [() => textEncoding(texts, { size: 2, length: 4 }), "config/range"],
    [() => textEncoding(texts, { size: 5, length: 0 }), "config/range"],
    [() => textEncoding(["", " "], { size: 5, length: 4 }), "data/empty"],
  ])("refuses sizes that hold nothing, and no tokens at all", (work, code) => {
    expect(work).toThrow(expect.objectContaining({ code }));
  });
});
