/** @file What the speech experiment is called with: its settings, or the end of the process where a word is wrong. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
    minutes: { type: "string" },
    snr: { type: "string", default: "-5,0,5" },
    "test-draw": { type: "string", default: "2" },
    "noise-draws": { type: "string", default: "1" },
    members: { type: "string" },
    students: { type: "string" },
    epochs: { type: "string" },
    "transfer-epochs": { type: "string" },
    "refine-epochs": { type: "string" },
    "label-precision": { type: "string", default: "float16" },
    temperatures: { type: "string" },
    arms: { type: "string" },
    threads: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    convolutional: { type: "string" },
    prompts: { type: "string" },
  },
});
export const { quick, prompts, "label-precision": labelPrecision } = values;
/** @returns an option's numbers, or those that it has when it is not given; refused before a folder is begun */
function numbers(name, otherwise, { isRight = Number.isFinite, what = "a number" } = {}) {
  const list = (values[name] ?? otherwise).split(",").map(Number);
  if (list.every(isRight)) return list;
  console.error(`speech: --${name} ${values[name]}: give ${what}; where it has several, with commas between`);
  process.exit(2);
}
/** @returns an option's integers, all of them at least `least` */
const counts = (name, otherwise, least = 1) =>
  numbers(name, otherwise, { isRight: (n) => Number.isInteger(n) && n >= least, what: `an integer from ${least} on` });
const minutes = numbers("minutes", quick ? "4,0.7,1,0.3" : "40,6,45,6", { isRight: (n) => n > 0, what: "numbers above 0" });
if (minutes.length !== 4 && minutes.length !== 5) {
  const what = "give four, of training, validation, test and a new voice, or a fifth too, of speech without labels";
  console.error(`speech: --minutes ${values.minutes}: ${what}`);
  process.exit(2);
}
const parts = ["train", "validation", "test", "newVoice", "transfer"].slice(0, minutes.length);
const seconds = Object.fromEntries(parts.map((part, at) => [part, 60 * minutes[at]]));
const [[testDraw], [noiseDraws]] = [counts("test-draw"), counts("noise-draws")];
export const [lanes] = counts("jobs");
export const [convolutional] = counts("convolutional", values.arms ? "0" : quick ? "1" : "3", 0);
const allArms = [...(seconds.transfer ? ["transfer", "refined"] : []), "distilled", "small", "smallHard"];
export const chosenArms = values.arms?.split(",") ?? allArms;
if (chosenArms.some((each) => !allArms.includes(each))) {
  console.error(`speech: --arms ${values.arms}: give some of ${allArms.join(", ")}, with commas between`);
  process.exit(2);
}
export const settings = {
  corpus: { seconds, seed: 1, testDraw, noiseDraws, snrDb: numbers("snr"), words: "all" },
  members: counts("members", quick ? "3" : "10")[0],
  students: counts("students", quick ? "2" : "5")[0],
  /** of the baseline's size, and two of a tenth of its parameters or less */
  baseline: { family: "mlp", hidden: quick ? [160, 160] : [400, 400, 400, 400] },
  small: { family: "mlp", hidden: quick ? [17] : [76, 76] },
  cnn: { family: "cnn", channels: quick ? [2, 4] : [8, 16], hidden: [quick ? 16 : 80] },
  epochs: counts("epochs", quick ? "3" : "8,16"),
  ...(seconds.transfer && {
    transferEpochs: counts("transfer-epochs", quick ? "3" : "2,4,8"),
    refine: { epochs: counts("refine-epochs", quick ? "1" : "4,8,16"), rates: quick ? [0.001] : [0.0001, 0.0003, 0.001] },
    ...(values["label-precision"] !== "float16" && { labelPrecision: values["label-precision"] }),
  }),
  training: {
    batchSize: 128,
    learningRate: { kind: "cosine", value: 0.001 },
    threads: counts("threads")[0],
  },
  /** tried one after another, each with the best of those before and the first of those after it; epochs last */
  temperatures: numbers("temperatures", quick ? "2" : "1,2,4,8,16", { isRight: (n) => n > 0, what: "numbers above 0" }),
  softWeights: quick ? [0.5, 1] : [0.5, 0.9, 1],
};
export const folder = values.folder ?? (quick ? "runs/paper-speech-quick" : "runs/paper-speech");
const ownResults = fileURLToPath(new URL("../results/paper-speech.json", import.meta.url));
export const results = values.json ?? (quick || values.arms ? join(folder, "rows.json") : ownResults);
