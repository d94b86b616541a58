/**
 * @file The paper's transfer sets (sections 3 and 6) on the built-in digits: no 3s, only 7s and 8s, three percent; beside them
 * a student without any label, and views that teacher and student share. Runs the recipes as they are and writes rows.
 *
 * usage: npm run build && node bench/paper/transfer.mjs [--quick] [--folder runs/paper-transfer] [--json FILE] [--finished]
 *
 * Everything is kept in the folder: stopped at any time and called again, it goes on. Class biases, epochs and learning rates
 * are chosen on the validation split; the test split is looked at once, at the end of each recipe. --quick is a rehearsal; its
 * numbers mean nothing and stay in the folder. --finished starts nothing and writes the rows of the runs that are done.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine, openExperiment, today, writeJson } from "./experiment.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
    finished: { type: "boolean", default: false },
  },
});
const { quick } = values;
const folder = values.folder ?? (quick ? "runs/paper-transfer-quick" : "runs/paper-transfer");
const ownResults = fileURLToPath(new URL("../results/paper-transfer.json", import.meta.url));
const results = values.json ?? (quick ? join(folder, "rows.json") : ownResults);
const pathOf = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const fewer = quick ? ["training.epochs=2", "teacher.train.training.epochs=1", "seeds=[1,2]"] : [];
/** name of the run: recipe and changes */
const runs = {
  "withheld-class": ["withheld-class"],
  "only-two-classes": ["only-two-classes"],
  "only-two-classes-each": ["only-two-classes", "transfer.biasCorrection=perClass"],
  "three-percent": ["three-percent"],
  unlabelled: ["unlabelled"],
  augmented: ["augmented"],
  "not-augmented": ["augmented", "labels={views: 1}", "arms=[distilled,scratch]"],
};
const { stage, noteHours } = openExperiment("transfer", folder, { runs, fewer });

/** Runs a recipe, or goes on with it. @returns its report.json */
function reportOf(name, [recipe, ...changes]) {
  const run = join(folder, `${name}-1`);
  const words = existsSync(join(run, "run.json"))
    ? ["--resume", run]
    : [pathOf(`recipes/${recipe}.yaml`), `name=${name}`, ...changes, ...fewer, "--runs", folder];
  const { status } = spawnSync(process.execPath, [pathOf("dist/cli/main.js"), "distill", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(readFileSync(join(run, "report.json"), "utf8"));
}

const reports = {};
for (const [name, words] of Object.entries(runs)) {
  if (values.finished && !existsSync(join(folder, `${name}.json`))) continue;
  // the stage remembers that it is done; the report stays in the run's folder
  await stage(name, () => ({ run: reportOf(name, words).title }));
  reports[name] = JSON.parse(readFileSync(join(folder, `${name}-1`, "report.json"), "utf8"));
}

const percent = (share) => (share === undefined || share === null ? null : 100 * share);
const { hours } = noteHours();
const common = { unit: "%", seeds: quick ? 2 : 5, threads: 2, machine, date: today(), hours };
const rows = [];

/** @param peer accuracy of the paper, or null where it has none */
function add(name, metric, { mean, low, high }, peer = null, peerName = "Hinton, Vinyals, Dean (2015)", difference) {
  const own = percent(mean);
  rows.push({
    case: `digits, ${name}`,
    metric,
    potstill: own,
    low: percent(low),
    high: percent(high),
    peerName,
    peer: percent(peer),
    ratio: peer === null ? null : own / percent(peer),
    ...(difference && {
      difference: { mean: percent(difference.mean), low: percent(difference.low), high: percent(difference.high) },
    }),
    ...common,
  });
}

const systemNames = { whole: "hard labels, all samples", scratch: "hard labels", distilled: "soft labels" };

function addTransfer(title, report, { withTeacher = true, only } = {}) {
  if (report === undefined) return; // with --finished
  const { models, transfer } = report;
  if (withTeacher) add(`${title}: teacher, all samples`, "test accuracy", models.teacher.test.accuracy);
  for (const { system, isCorrected, accuracy, withheldAccuracy, paper } of transfer.systems) {
    if (only !== undefined && !only({ system, isCorrected })) continue;
    const name = `${title}: ${systemNames[system]}${isCorrected ? ", biases corrected" : ""}`;
    add(name, "test accuracy", accuracy, paper?.accuracy);
    if (withheldAccuracy !== null && transfer.withheld.length === 1)
      add(name, `accuracy on ${transfer.withheld[0]}s`, withheldAccuracy, paper?.withheldAccuracy);
  }
  const { recovered } = transfer;
  if (recovered !== null && transfer.paper === "three-percent") add(`${title}: soft labels`, "share of the loss got back", recovered, (57 - 44.5) / (58.9 - 44.5));
}

addTransfer("no 3s", reports["withheld-class"]);
addTransfer("only 7s and 8s", reports["only-two-classes"]);
addTransfer("only 7s and 8s, a bias for each class", reports["only-two-classes-each"], {
  withTeacher: false,
  only: ({ isCorrected }) => isCorrected,
});
addTransfer("three percent", reports["three-percent"]);

function addModels(title, report, names) {
  if (report === undefined) return; // with --finished
  const { models, comparisons } = report;
  for (const [model, name] of Object.entries(names)) {
    const { diff: mean, low, high } = comparisons.distilledVsScratch;
    const difference = model === "distilled" ? { mean, low, high } : undefined;
    add(`${title}: ${name}`, "test accuracy", models[model].test.accuracy, null, "the same student on hard labels", difference);
  }
}

addModels("unlabelled", reports.unlabelled, {
  teacher: "teacher, 2,000 labels",
  scratch: "hard labels, 2,000",
  distilled: "soft labels of 9,000 samples, no label",
});
addModels("augmented", reports.augmented, {
  scratch: "hard labels",
  scratchAugmented: "hard labels, the teacher's augmentation",
});
addModels("augmented", reports["not-augmented"], { distilled: "soft labels of the samples as they are" });
addModels("augmented", reports.augmented, { distilled: "soft labels of 16 views that both see" });

for (const { case: name, metric, potstill, low, high, peer } of rows)
  console.log(
    `${name}, ${metric}: ${potstill.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]${peer === null ? "" : `; the paper ${peer.toFixed(2)}`}`,
  );
writeJson(results, rows);
