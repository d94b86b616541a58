/**
 * @file The paper's temperatures by the size of the student (section 3), and "converges quicker", on the built-in digits: one
 * sweep of recipes/temperature.yaml, its numbers as rows. All of it is on the validation split; no test sample is looked at.
 *
 * usage: npm run build && node bench/paper/temperature.mjs [--quick] [--folder runs/paper-temperature] [--json FILE]
 *
 * Everything is kept in the folder: stopped at any time and called again, it goes on. --quick is a rehearsal; its numbers mean
 * nothing and stay in the folder.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bootstrapMean } from "potstill/evaluate";
import { machine, today } from "../machine.mjs";
import { openExperiment, writeJson } from "./experiment.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
  },
});
const { quick } = values;
const folder = values.folder ?? (quick ? "runs/paper-temperature-quick" : "runs/paper-temperature");
const ownResults = fileURLToPath(new URL("../results/paper-temperature.json", import.meta.url));
const results = values.json ?? (quick ? join(folder, "rows.json") : ownResults);
const pathOf = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const axes = quick
  ? ["T=1,20", "student.width=30,300", "epochs=3", "tuning.learningRates=[0.003]", "teacher.train.training.epochs=1"]
  : ["T=1,2,2.5,3,4,8,20", "student.width=30,300"];
const { stage, noteHours } = openExperiment("temperature", folder, { axes });

const sweep = join(folder, "temperature-sweep-1");
await stage("sweep", () => {
  const words = existsSync(join(sweep, "sweep.json"))
    ? ["--resume", sweep]
    : [pathOf("recipes/temperature.yaml"), ...axes, "--scratch", "--runs", folder];
  const { status } = spawnSync(process.execPath, [pathOf("dist/app/cli/main.js"), "sweep", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
  return {};
});
const { points, seeds } = JSON.parse(readFileSync(join(sweep, "sweep-report.json"), "utf8"));

const { hours } = noteHours();
const common = {
  peerName: null, // the paper has no numbers
  peer: null,
  ratio: null,
  seeds: seeds.length,
  threads: 2,
  machine,
  date: today(),
  hours,
};
const percents = ({ mean, low, high }) => ({ mean: 100 * mean, low: 100 * low, high: 100 * high });
const rows = [];
function add(name, metric, unit, { mean, low, high }, difference) {
  rows.push({ case: `digits, ${name}`, metric, unit, potstill: mean, low, high, ...(difference && { difference }), ...common });
}

const widths = [...new Set(points.map(({ values: [, width] }) => width))];
for (const width of widths) {
  const own = points.filter(({ values: [, each] }) => each === width);
  add(`${width} units: hard labels`, "validation accuracy", "%", percents(own[0].scratch.accuracy));
  for (const { values: [T], accuracy, behindOwn } of own) {
    const difference = behindOwn === null ? undefined : percents(behindOwn);
    const best = behindOwn === null ? ", the best" : "";
    add(`${width} units: T = ${T}${best}`, "validation accuracy", "%", percents(accuracy), difference);
  }
}

const overSeeds = (list) => bootstrapMean(list.map((value) => [value]));
for (const width of widths) {
  const { scratch, values: [T] } = points.find(({ values: [, each], behindOwn }) => each === width && behindOwn === null);
  const metric = "epochs to the final accuracy of hard labels";
  const reached = scratch.convergence.filter(({ distilledEpoch }) => distilledEpoch !== null);
  const name = `${width} units: T = ${T}, in ${reached.length} of ${scratch.convergence.length} seeds that reach it`;
  add(`${width} units: hard labels`, metric, "epochs", overSeeds(scratch.convergence.map(({ scratchEpoch }) => scratchEpoch)));
  if (reached.length === 0) continue;
  const saved = reached.map(({ distilledEpoch, scratchEpoch }) => distilledEpoch - scratchEpoch);
  add(name, metric, "epochs", overSeeds(reached.map(({ distilledEpoch }) => distilledEpoch)), overSeeds(saved));
}

for (const { case: name, metric, potstill, low, high, difference } of rows) {
  const show = (x) => x.toFixed(2);
  const against = difference === undefined ? "" : `; ${show(difference.mean)} [${show(difference.low)}, ${show(difference.high)}]`;
  console.log(`${name}, ${metric}: ${show(potstill)} [${show(low)}, ${show(high)}]${against}`);
}
writeJson(results, rows);
