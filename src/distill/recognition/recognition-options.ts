/** @file What counting word errors takes, and what is refused before work starts. */

import { type Dataset, type WholeRecording, wholeRecordings } from "../../data/index.ts";
import { ConfigError, DataError, ShapeError } from "../../errors/index.ts";
import type { Recognizer, WordLoop } from "../../speech/index.ts";

/** What can be chosen of a decoder, as `decodeRecordings` takes it. */
export interface DecoderWeights {
  readonly languageModelWeight: number;
  readonly priorWeight: number;
  readonly acousticScale: number;
  readonly wordInsertionPenalty: number;
}

/** Values to try of each, the one to begin with first. */
export type DecoderCandidates = {
  readonly [K in keyof DecoderWeights]: readonly number[];
};

/** Tried where nothing else is asked for, in this order. */
export const decoderCandidates: DecoderCandidates = {
  languageModelWeight: [1, 2, 3, 5, 8, 12],
  priorWeight: [0.6, 0.3, 1],
  acousticScale: [1],
  wordInsertionPenalty: [0, -5, 5, 10, 15, 20, 30],
};

/** Count word errors of the teacher and of all students, on the recordings of the test split. */
export interface RecognitionOptions {
  readonly recognizer: Recognizer;
  /** each system's are chosen on validation; default `decoderCandidates` */
  readonly candidates?: Partial<DecoderCandidates>;
}

/** A recording with what is said in it. */
export interface Transcribed extends WholeRecording {
  readonly words: readonly string[];
}

/**
 * @returns the recordings of a part, in the order of its frames
 * @throws DataError "data/recordings" for samples that are no frames of recordings;
 *   "data/transcript" without transcripts
 */
export function transcribed({ name, recordings }: Dataset): readonly Transcribed[] {
  const fail = (code: string, rule: string, got: string, fix: string): never => {
    throw new DataError(code, { where: name, rule, got, fix });
  };
  if (recordings === undefined)
    return fail(
      "data/recordings",
      "words are recognised in frames of recordings",
      "other samples",
      "Use source: frames, or framesDataset",
    );
  return wholeRecordings(recordings).map((recording) => {
    const { words } = recording;
    if (words !== null) return { ...recording, words };
    return fail(
      "data/transcript",
      "word errors are counted against what is said in each recording",
      "no transcripts",
      "Give transcripts of the recordings",
    );
  });
}

/**
 * @throws ShapeError "shape/mismatch" for a recogniser of another number of states; DataError
 *   "data/word" for a word that it does not know, "data/length" for a recording too short for any
 *   word; and as `transcribed`
 */
export function assertRecognizable({ loop }: Recognizer, part: Dataset): void {
  if (loop.stateCount !== part.classNames.length)
    throw new ShapeError("shape/mismatch", {
      where: "recognition",
      rule: `the recogniser's states must be the ${part.classNames.length} classes of ${part.name}`,
      got: `${loop.stateCount} states`,
      fix: "Make the recogniser from the names of the same classes",
      details: { states: loop.stateCount, classes: part.classNames.length },
    });
  const known = new Set(loop.languageModel.vocabulary);
  const shortest = shortestChain(loop);
  for (const { number, frames, words } of transcribed(part)) {
    const stranger = words.find((word) => !known.has(word));
    const where = `${part.name}, transcript ${number + 1}`;
    if (stranger !== undefined)
      throw new DataError("data/word", {
        where,
        rule: "every word of the transcripts must have a pronunciation",
        got: `"${stranger}"`,
        fix: "Add it to the lexicon, or correct the transcript",
        details: { recording: number, word: stranger },
      });
    if (frames < shortest)
      throw new DataError("data/length", {
        where,
        rule: `a recording must have the ${shortest} frames of the shortest word`,
        got: String(frames),
        fix: "Leave it out",
        details: { recording: number, frames },
      });
  }
}

/** Frames that no word takes less than: a frame for each of its states. */
function shortestChain({ start, silenceStart, word }: WordLoop): number {
  let shortest = Infinity;
  for (let chain = 1; chain < word.length; chain++)
    shortest = Math.min(shortest, silenceStart[chain]! - start[chain]!);
  return shortest;
}

/** @throws ConfigError "config/range" for an empty list of candidates */
export function candidatesOf({ candidates }: RecognitionOptions): DecoderCandidates {
  const all = { ...decoderCandidates, ...candidates };
  for (const [name, values] of Object.entries(all))
    if (values.length === 0)
      throw new ConfigError("config/range", {
        where: "recognition",
        rule: `${name} must have at least one candidate`,
        got: "none",
        fix: "Give a value, or leave it out",
      });
  return all;
}
