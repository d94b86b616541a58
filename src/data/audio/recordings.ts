/** @file Which frames make up a recording, and what is said in it. */

import { DataError } from "../../errors/index.ts";

/** Recordings that the samples of a set are frames of. */
export interface Recordings {
  /** number of each sample's recording, in its own file: parts of a set keep the numbers */
  readonly of: Int32Array;
  /**
   * words of each recording, by its number, or null of one that is there to be labelled; null
   * without transcripts
   */
  readonly words: readonly (readonly string[] | null)[] | null;
}

/** A recording that lies whole in a set. */
export interface WholeRecording {
  /** in its own file, from 0 */
  readonly number: number;
  readonly frames: number;
  /** what is said; null without transcripts */
  readonly words: readonly string[] | null;
}

/**
 * @returns the recordings in the order of their frames
 * @throws DataError "data/recordings" for a recording whose frames do not lie together
 */
export function wholeRecordings({ of, words }: Recordings): readonly WholeRecording[] {
  const found: { number: number; frames: number; words: readonly string[] | null }[] = [];
  const seen = new Set<number>();
  for (const number of of) {
    const last = found.at(-1);
    if (last?.number === number) last.frames++;
    else {
      if (seen.has(number)) throw apart(number);
      seen.add(number);
      found.push({ number, frames: 1, words: words?.[number] ?? null });
    }
  }
  return found;
}

function apart(number: number): DataError {
  return new DataError("data/recordings", {
    where: "recordings",
    rule: "the frames of a recording must lie together, in order",
    got: `frames of others within recording ${number}`,
    fix: "Split the data by group, and keep the order of the frames",
    details: { recording: number },
  });
}

/**
 * Reads transcripts: a line a recording, in the order of the recordings, words between blanks.
 *
 * @param file names it in messages; @param recordings how many there must be
 * @returns words of each recording
 * @throws DataError "data/length" for another number of lines; "data/transcript" for a line without
 *   words
 */
export function parseTranscripts(
  text: string,
  file: string,
  recordings: number,
): readonly (readonly string[])[] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length !== recordings)
    throw new DataError("data/length", {
      where: file,
      rule: `there must be ${recordings} transcripts, a line a recording, in their order`,
      got: `${lines.length} lines`,
      fix: "Write what is said in each recording on a line of its own",
      details: { file, lines: lines.length, recordings },
    });
  return lines.map((line, at) => {
    const words = line.split(/\s+/).filter((word) => word !== "");
    if (words.length > 0) return words;
    throw new DataError("data/transcript", {
      where: `${file}, line ${at + 1}`,
      rule: "at least one word must be said in each recording",
      got: "an empty line",
      fix: "Write what is said, or leave the recording out",
      details: { file, recording: at },
    });
  });
}
