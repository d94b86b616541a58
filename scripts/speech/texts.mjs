/**
 * @file What is said: strings of everyday words, drawn from patterns. The word lists were written for this file; single
 * words of a language belong to nobody.
 */

import { createHash } from "node:crypto";

const list = (/** @type {string} */ words) => words.trim().split(/\s+/);

export const wordClasses = {
  digit: list("zero one two three four five six seven eight nine"),
  number: list("ten eleven twelve twenty thirty forty fifty sixty hundred thousand"),
  color: list("red green blue yellow black white brown purple orange silver golden gray"),
  quality:
    list(`small large happy quiet gentle heavy broken narrow ancient clever hungry rusty wooden simple
    northern southern frozen careful curious famous friendly giant honest lazy modern noisy perfect polite
    shallow shiny sleepy strange sturdy thirsty tiny bitter cheerful dusty elegant`),
  thing:
    list(`birds rivers anchors children bottles candles farmers teachers stones mountains bridges horses
    letters pictures baskets lanterns engines feathers blankets sailors oranges tigers ladders hammers ribbons
    trumpets pillows kettles dragons turtles bankers dancers buttons coins boxes castles doctors judges shadows
    thieves voyages treasures measures valleys whistles spoons gloves jackets monkeys rockets camels diamonds
    eagles hotels jewels knights lemons mirrors needles ovens pencils rabbits sofas tickets uncles violins wagons`),
  deed: list(`followed carried painted watched counted visited borrowed gathered remembered ignored finished
    noticed repaired covered protected admired collected described divided exchanged imagined invited joined
    measured ordered pushed received rescued surprised touched`),
  manner:
    list(`slowly quickly often never always again together carefully happily silently suddenly gently
    usually rarely eagerly`),
  place:
    list(`garden market harbor village kitchen forest station library island valley tower school
    cottage temple factory meadow museum river bakery`),
  time: list(
    "monday tuesday wednesday thursday friday saturday sunday morning evening today tomorrow yesterday",
  ),
};

/** @typedef {keyof typeof wordClasses} WordClass */

/** Every word once, in the order of the lists. */
export const vocabulary = [...new Set(Object.values(wordClasses).flat())];

/** @type {readonly (readonly WordClass[])[]} */
const patterns = [
  ["number", "quality", "thing", "deed", "digit", "thing"],
  ["color", "thing", "deed", "quality", "thing", "manner"],
  ["quality", "thing", "manner", "deed", "color", "thing", "time"],
  ["digit", "color", "thing", "deed", "quality", "place"],
  ["time", "quality", "thing", "deed", "place"],
  ["thing", "manner", "deed", "number", "digit", "thing"],
];

/**
 * Draws a sentence: half of them follow a pattern, a fifth are digits, the others any words.
 *
 * @param {{integer: (bound: number) => number, uniform: () => number}} stream
 * @returns {string[]}
 */
export function drawSentence(stream) {
  const one = (/** @type {readonly string[]} */ words) => words[stream.integer(words.length)];
  const kind = stream.uniform();
  if (kind < 0.5)
    return patterns[stream.integer(patterns.length)].map((name) => one(wordClasses[name]));
  const length = 3 + stream.integer(5);
  return Array.from({ length }, () => one(kind < 0.7 ? wordClasses.digit : vocabulary));
}

/** @typedef {"train" | "validation" | "test"} Side */

/**
 * The side of a sentence is a function of its words alone, so no sentence can stand on two.
 *
 * @param {readonly string[]} words
 * @returns {Side}
 */
export function sideOf(words) {
  const share = createHash("sha256").update(words.join(" ")).digest().readUInt32BE() / 2 ** 32;
  return share < 0.25 ? "test" : share < 0.35 ? "validation" : "train";
}
