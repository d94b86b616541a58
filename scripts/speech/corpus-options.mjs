/** @file What make-corpus.mjs is called with: the folder and the corpus, or what is wrong with them. */

import { parseArgs } from "node:util";
import { parts } from "./corpus.mjs";

export const usage =
  "usage: make-corpus.mjs FOLDER [--minutes 80,10,45,10[,240]] [--snr 0,5,10] [--seed 1] [--words all|digits] [--test-draw 1] " +
  "[--noise-draws 1]";

/**
 * @param {readonly string[]} words of the command line, after the script's name
 * @returns {{folder: string, options: import("./corpus.mjs").CorpusOptions}}
 * @throws Error that says in a line which word is wrong, and what it may be
 */
export function corpusOptions(words) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "80,10,45,10" },
      snr: { type: "string", default: "0,5,10" },
      seed: { type: "string", default: "1" },
      words: { type: "string", default: "all" },
      "test-draw": { type: "string", default: "1" },
      "noise-draws": { type: "string", default: "1" },
    },
  });
  const [folder] = positionals;
  if (!folder || positionals.length > 1)
    throw new Error(`${positionals.length} folders: give the one that the corpus is written to`);
  /** @param {keyof typeof values} name @param {string} what @param {(numbers: number[]) => boolean} isRight */
  const numbers = (name, what, isRight) => {
    const texts = values[name].split(",");
    const list = texts.map(Number);
    if (texts.every((text) => text.trim() !== "") && list.every(Number.isFinite) && isRight(list))
      return list;
    throw new Error(`--${name} ${values[name]}: give ${what}`);
  };
  const count = (/** @type {"test-draw" | "noise-draws"} */ name) =>
    numbers(
      name,
      "an integer from 1 on",
      ([n, ...more]) => isInteger(n, 1) && more.length === 0,
    )[0];
  const [train, validation, test, newVoice, transfer] = numbers(
    "minutes",
    `${parts.length} numbers from 0 on, of ${parts.join(", ")}, and perhaps one of transfer, with commas between`,
    (list) => [0, 1].includes(list.length - parts.length) && list.every((minutes) => minutes >= 0),
  ).map((minutes) => 60 * minutes);
  const snrDb = numbers("snr", "one number or several, with commas between", () => true);
  const [seed] = numbers("seed", "an integer", ([n, ...more]) => isInteger(n) && more.length === 0);
  if (values.words !== "all" && values.words !== "digits")
    throw new Error(`--words ${values.words}: give all or digits`);
  const [testDraw, noiseDraws] = [count("test-draw"), count("noise-draws")];
  return {
    folder,
    options: {
      seconds: { train, validation, test, newVoice, ...(transfer !== undefined && { transfer }) },
      ...{ seed, testDraw, noiseDraws, snrDb, words: values.words },
    },
  };
}

const isInteger = (/** @type {number} */ n, least = -Infinity) => Number.isInteger(n) && n >= least;
