import { describe, expect, it } from "vitest";
import { subset } from "../array-dataset.ts";
import { framesDataset } from "./frames-dataset.ts";
import { parseTranscripts, wholeRecordings } from "./recordings.ts";

const said = [["one"], ["two", "three"], ["one", "one"]];
const dataset = framesDataset({
  name: "speech",
  recordings: said.map((words, at) => ({
    features: new Float32Array(2 * (at + 2)).map((_, i) => 10 * at + i),
    group: `speaker ${at}`,
    words,
  })),
  features: 2,
  context: { before: 0, after: 0 },
  classNames: ["a"],
});

describe("wholeRecordings", () => {
  it("finds the recordings of a part, with what is said in each", () => {
    const part = subset(dataset, [0, 1, 5, 6, 7, 8], "part"); // the second has frames 2 … 4
    expect(wholeRecordings(part.recordings!)).toEqual([
      { number: 0, frames: 2, words: ["one"] },
      { number: 2, frames: 4, words: ["one", "one"] },
    ]);
  });

  it("refuses frames of another recording in the middle of one", () => {
    const { recordings } = subset(dataset, [0, 2, 1], "part");
    expect(() => wholeRecordings(recordings!)).toThrow(/got frames of others within recording 0/);
  });
});

describe("recordings of a transfer set", () => {
  const features = new Float32Array(4);
  const own = { features, group: "anna", labels: [0, 0] };
  const further = { features, group: "bert", labels: [0, 0], words: ["x"], isTransfer: true };
  const made = (recordings: Parameters<typeof framesDataset>[0]["recordings"]) =>
    framesDataset({
      ...{ name: "speech", recordings, features: 2, classNames: ["a"] },
      context: { before: 0, after: 0 },
    });

  it("have no labels and no words, whatever is given, and leave those of the others known", () => {
    const silent = { features, group: "carl", isTransfer: true };
    const { labels, recordings } = made([{ ...own, words: ["one"] }, further, silent]);
    expect([...labels]).toEqual([0, 0, -1, -1, -1, -1]);
    expect(recordings!.words).toEqual([["one"], null, null]);
  });

  it("do not stand for transcripts that are missing", () => {
    expect(made([own, further]).recordings!.words).toBeNull();
    expect(made([{ ...own, words: ["one"] }, own, further]).recordings!.words).toBeNull();
    expect(made([further]).recordings!.words).toBeNull();
  });
});

describe("parseTranscripts", () => {
  it("reads a line a recording", () => {
    expect(parseTranscripts("one\n two\tthree\r\none one", "a.txt", 3)).toEqual(said);
  });

  it("refuses another number of lines, and an empty one", () => {
    expect(() => parseTranscripts("one\ntwo\n", "a.txt", 3)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: a.txt: there must be 3 transcripts, a line a recording, in their order, got 2 lines. Write what is said in each recording on a line of its own.]`,
    );
    expect(() => parseTranscripts("one\n\ntwo\n", "a.txt", 3)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: a.txt, line 2: at least one word must be said in each recording, got an empty line. Write what is said, or leave the recording out.]`,
    );
  });
});
