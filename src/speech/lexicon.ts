/** @file Pronunciation lexicons: a word and its phones a line, and the states of phones. */

import { DataError } from "../errors/index.ts";
import type { Pronunciation } from "./word-loop.ts";

/** One line of a lexicon. */
export interface LexiconEntry {
  readonly word: string;
  /** phones, or states themselves, in order */
  readonly phones: readonly string[];
  /** in its file, from 1 */
  readonly line: number;
}

/**
 * Reads a lexicon as Kaldi's lexicon.txt and the CMU dictionary have it: a word and its phones,
 * between blanks. A word's other pronunciations are further lines, `read(2)` or `read` again.
 * Empty lines, and those that begin with `;;;`, say nothing.
 *
 * @param file names it in messages
 * @throws DataError "data/lexicon" for a lexicon without words, and a word without phones
 * @example parseLexicon("zero z iy r ow\n", "lexicon.txt")[0].phones // ["z", "iy", "r", "ow"]
 */
export function parseLexicon(text: string, file: string): readonly LexiconEntry[] {
  const entries = text.split(/\r?\n/).flatMap((content, at): LexiconEntry[] => {
    const [written, ...phones] = content.split(/\s+/).filter((part) => part !== "");
    if (written === undefined || content.startsWith(";;;")) return [];
    const word = written.replace(/(.)\(\d+\)$/, "$1");
    if (phones.length > 0) return [{ word, phones, line: at + 1 }];
    throw refused(`${file}, line ${at + 1}`, "a word must have phones", `none of "${word}"`);
  });
  if (entries.length > 0) return entries;
  throw refused(
    file,
    "a lexicon must hold at least one word, a word and its phones a line",
    "none",
  );
}

/**
 * The states that the lexicon's phones stand for, by the names of the classes: a phone is the class
 * of its own name, or the classes `PHONE-1`, `PHONE-2`, … in this order, as many as there are. So a
 * lexicon may name states themselves, and words as models of their own.
 *
 * @param classNames of the acoustic model, by state
 * @throws DataError "data/lexicon" for a phone that no class is named after
 */
export function pronunciations(
  entries: readonly LexiconEntry[],
  classNames: readonly string[],
  file: string,
): readonly Pronunciation[] {
  const statesOf = phoneStates(classNames);
  return entries.map(({ word, phones, line }) => ({
    word,
    states: phones.flatMap((phone) => {
      const states = statesOf(phone);
      if (states.length > 0) return states;
      const got = `"${phone}" in "${word}"; classes are ${someOf(classNames)}`;
      throw refused(`${file}, line ${line}`, phoneRule, got);
    }),
  }));
}

const phoneRule = "every phone must be a class of the acoustic model, or its states PHONE-1, …";

/** @returns what gives the states of a phone, none for one that is not known */
export function phoneStates(classNames: readonly string[]): (phone: string) => readonly number[] {
  const numbers = new Map(classNames.map((name, state) => [name, state]));
  return (phone) => {
    const own = numbers.get(phone);
    if (own !== undefined) return [own];
    const states: number[] = [];
    for (;;) {
      const state = numbers.get(`${phone}-${states.length + 1}`);
      if (state === undefined) return states;
      states.push(state);
    }
  };
}

function someOf(names: readonly string[]): string {
  const some = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${some}, … (${names.length})` : some;
}

function refused(where: string, rule: string, got: string): DataError {
  const fix = "Correct the lexicon, or the names of the classes";
  return new DataError("data/lexicon", { where, rule, got, fix });
}
