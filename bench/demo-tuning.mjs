/**
 * @file How recipes/demo.yaml got its learning rates and its number of epochs: each arm tries the same grid, judged by the
 * validation split alone. The test split is not read.
 *
 * usage: npm run build && node bench/demo-tuning.mjs [--labels NUMBER]... [--quick] [--json FILE]
 *
 * The rule was fixed before the first run: of each arm and number of epochs the rate with the highest mean validation accuracy
 * over three seeds, which are not the recipe's; of the numbers of epochs that the demo has time for the one at which the better
 * of the two students without a teacher is best at its own rate; this rate for all arms, since they share one. Longer trainings
 * tell what they would add. 300 labels were tried first. Fewer were tried after that, and the rule is then: the most labels with
 * which the distilled student is 6 points ahead on validation. --labels tries these alone; trials with others stay in the file.
 * --quick is a rehearsal; its numbers mean nothing and are not written unless asked.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseRecipe, splitData } from "../dist/app/spec/index.js";
import { recipeText, readyRecipe } from "../dist/app/cli/recipe-file.js";
import { labelAll, loadDigits, memoryStore, nodeRuntime, openSoftLabels, packageJob, runJob, trainTeacherAlone } from "potstill/node";
import { machine, today } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    labels: { type: "string", multiple: true, default: ["300", "200", "100"] },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const { quick } = values;
const labels = values.labels.map(Number);
const file = values.json ?? (quick ? undefined : fileURLToPath(new URL("results/demo-tuning.json", import.meta.url)));

const rates = quick ? [0.008] : [0.002, 0.004, 0.008, 0.016, 0.032];
const lengths = quick ? [1, 2] : [8, 12, 20];
/** more take the demo longer than its minute */
const longest = 12;
const seeds = quick ? [100] : [100, 101, 102];

const recipe = parseRecipe(await recipeText(readyRecipe("demo")), "recipes/demo.yaml");
const digits = await loadDigits();
const partsWith = (labelled) => splitData({ ...digits, test: null }, { ...recipe, labelled });
const { trainAllLabels, validation } = partsWith(labels[0]);
const trainOf = new Map(labels.map((labelled) => [labelled, partsWith(labelled).train]));
const runtimes = [await nodeRuntime(), await nodeRuntime()];
const [runtime] = runtimes;

async function ended(run) {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

const { train: taught } = recipe.teacher;
const { augmentation } = taught.training;
const source = { kind: "train", teacher: { ...taught, ...(quick && { training: { ...taught.training, epochs: 1 } }), data: trainAllLabels } };
const teacher = await ended(trainTeacherAlone(source, { runtime, data: { train: trainAllLabels, validation, test: validation } }));
const store = memoryStore();
const { views: count, ...views } = recipe.labels;
await labelAll({ teacher, dataset: trainAllLabels, store, views: { count, seed: 0, ...views } });
await teacher.close();
const softLabels = await openSoftLabels(store);

const { student, distillation } = recipe;
const arms = {
  distilled: (job) => packageJob({ ...job, student, softLabels, distillation }),
  scratch: (job) => ({ ...job, network: student }),
  scratchAugmented: ({ training, ...job }) => ({ ...job, network: student, training: { ...training, augmentation } }),
};

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const percent = (share) => (100 * share).toFixed(2);
const best = (list) => list.reduce((found, each) => (each.validation > found.validation ? each : found));

async function trial({ labelled, arm, epochs, rate }, runtime) {
  const accuracies = [];
  for (const seed of seeds) {
    const training = { ...recipe.training, epochs, learningRate: { ...recipe.training.learningRate, value: rate } };
    const job = arms[arm]({ id: "student", train: trainOf.get(labelled), validation, training, seed });
    accuracies.push((await ended(runJob(job, { runtime }))).validationAccuracy);
  }
  console.log(`${labelled} labels  ${arm}  epochs ${epochs}  rate ${rate}  validation ${accuracies.map(percent).join(", ")}`);
  return { labelled, arm, epochs, rate, validation: mean(accuracies), accuracies };
}

const grid = labels.flatMap((labelled) =>
  lengths.flatMap((epochs) => Object.keys(arms).flatMap((arm) => rates.map((rate) => ({ labelled, arm, epochs, rate })))),
);
const trials = new Array(grid.length);
const waiting = grid.entries();
await Promise.all(
  runtimes.map(async (own) => {
    for (const [at, setting] of waiting) trials[at] = await trial(setting, own);
  }),
);

const plain = ["scratch", "scratchAugmented"];
const chosen = labels.map((labelled) => {
  const of = (names, keep) => trials.filter((each) => each.labelled === labelled && names.includes(each.arm) && keep(each));
  for (const epochs of lengths)
    for (const arm of Object.keys(arms)) {
      const { rate, validation: own } = best(of([arm], (each) => each.epochs === epochs));
      console.log(`${labelled} labels  epochs ${epochs}  ${arm}  best rate ${rate}  ${percent(own)} %`);
    }
  const { epochs, rate } = best(of(plain, (each) => each.epochs <= longest));
  const isChosen = (each) => each.epochs === epochs && each.rate === rate;
  const ahead = best(of(["distilled"], isChosen)).validation - best(of(plain, isChosen)).validation;
  console.log(`${labelled} labels: ${epochs} epochs at ${rate}, distilled ${percent(ahead)} points ahead on validation`);
  return { labelled, epochs, rate, ahead };
});
if (file !== undefined) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { chosen: [], trials: [] };
  const others = (list) => list.filter(({ labelled }) => !labels.includes(labelled));
  const all = { chosen: [...others(before.chosen), ...chosen], trials: [...others(before.trials), ...trials] };
  writeFileSync(file, `${JSON.stringify({ machine, date: today(), seeds, ...all }, null, 1)}\n`);
}
for (const own of runtimes) await own.close();
