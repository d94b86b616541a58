/** @file Label files: which phone, word or state is spoken from when to when. */

import { DataError } from "../../errors/index.ts";
import type { Segment } from "./segment-labels.ts";

/** Seconds of a unit that times may be written in. */
const units = { seconds: 1, htk: 1e-7 } as const;
/** "htk": whole numbers of 100 ns */
export type LabelTimes = keyof typeof units;

/** Ends of segments that are written with few digits may differ from the next start by so much. */
const slackSeconds = 1e-3;

/**
 * Reads a label file: start, end and name a line, between blanks, as Audacity's label tracks and
 * HTK have it. In seconds the name is the rest of the line; HTK's further columns are left aside.
 * What no line names is a segment named "".
 *
 * @param file names it in messages
 * @returns segments that follow one another from 0
 * @throws DataError "data/segments" for a line of another form, a segment that starts before the
 *   one before it ends, or a file without any
 */
export function parseSegments(text: string, file: string, times: LabelTimes): readonly Segment[] {
  const segments: Segment[] = [];
  const unit = units[times];
  text.split(/\r?\n/).forEach((line, at) => {
    if (line.trim() === "") return;
    const [, from, to, rest] = /^\s*(\S+)\s+(\S+)\s+(\S.*)$/.exec(line) ?? [];
    const name = times === "htk" ? rest?.split(/\s/)[0] : rest?.trimEnd();
    const [start, end] = [unit * Number(from), unit * Number(to)];
    const fail = (rule: string): never => {
      throw refused(`${file}, line ${at + 1}`, rule, `"${line}"`);
    };
    if (name === undefined || !(start >= 0) || !(end > start))
      fail(`a line must be start, end and name, in ${times === "htk" ? "100 ns" : "seconds"}`);
    const before = segments.at(-1)?.endSeconds ?? 0;
    if (start < before - slackSeconds) fail("a segment must start where the one before it ends");
    if (start > before + slackSeconds) segments.push({ name: "", endSeconds: start });
    segments.push({ name: name!, endSeconds: end }); // refused if missing
  });
  if (segments.length > 0) return segments;
  throw refused(file, "there must be a segment: start, end and name a line", "none");
}

function refused(where: string, rule: string, got: string): DataError {
  return new DataError("data/segments", { where, rule, got, fix: "Correct the label file" });
}
