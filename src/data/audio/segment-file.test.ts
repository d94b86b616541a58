import { describe, expect, it } from "vitest";
import { parseSegments } from "./segment-file.ts";

describe("parseSegments", () => {
  it("reads start, end and name; what no line names is a segment without a name", () => {
    const text = "0.1\t0.25\ts\n0.25 0.4 eh\r\n\n0.5 0.7 pau\n";
    expect(parseSegments(text, "a.lab", "seconds")).toEqual([
      { name: "", endSeconds: 0.1 },
      { name: "s", endSeconds: 0.25 },
      { name: "eh", endSeconds: 0.4 },
      { name: "", endSeconds: 0.5 },
      { name: "pau", endSeconds: 0.7 },
    ]);
  });

  it("takes the rest of a line as the name, blanks in it too, in seconds", () => {
    const text = "0\t0.2\tup left\n0.2 0.4  up right \n";
    const names = parseSegments(text, "a.lab", "seconds").map(({ name }) => name);
    expect(names).toEqual(["up left", "up right"]);
  });

  it("reads HTK's 100 ns, and leaves its scores aside", () => {
    const [segment] = parseSegments("0 2500000 s -43.1 seven\n", "a.lab", "htk");
    expect(segment!.name).toBe("s");
    expect(segment!.endSeconds).toBeCloseTo(0.25, 12);
  });

  it.each([
    ["0 0.2\n", 'a.lab, line 1: a line must be start, end and name, in seconds, got "0 0.2".'],
    [
      "0 0.2 s\n0.3 0.3 eh",
      'a.lab, line 2: a line must be start, end and name, in seconds, got "0.3 0.3 eh".',
    ],
    [
      "0 0.2 s\n0.1 0.3 eh",
      'a.lab, line 2: a segment must start where the one before it ends, got "0.1 0.3 eh".',
    ],
    ["\n", "a.lab: there must be a segment: start, end and name a line, got none."],
  ])("refuses %j", (text, message) => {
    expect(() => parseSegments(text, "a.lab", "seconds")).toThrow(message);
  });
});
