/**
 * @file The paper's transfer sets (sections 3 and 6) on the built-in digits: no 3s, only 7s and 8s, three percent; beside them
 * a student without any label, and views that teacher and student share. Runs the recipes as they are and writes rows.
 *
 * usage: npm run build && node bench/paper/transfer.mjs [--quick] [--folder runs/paper-transfer] [--json FILE] [--finished]
 *   [--mnist runs/paper-mnist]
 *
 * --mnist runs the withheld classes on MNIST whole instead, with the teacher that bench/paper/mnist.mjs left in its folder and
 * students of 2 x 800 units as there; its rows go to paper-transfer-mnist.json.
 *
 * Everything is kept in the folder: stopped at any time and called again, it goes on. In every run the validation split decides
 * which epoch of a training is kept; class biases are chosen on it where classes are withheld; learning rates only for three
 * percent, one for hard labels (the student of all samples has the same) and one for soft ones: all other students have their
 * recipe's, which nothing chose. How long is trained, temperatures and weights stand in the recipes. The test split is looked at
 * once, at the end of each run. --quick is a rehearsal; its numbers mean nothing and stay in the folder. --finished starts
 * nothing and writes the rows of the runs that are done.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bootstrapMean } from "potstill/evaluate";
import { machine, today } from "../machine.mjs";
import { openExperiment, writeJson } from "./experiment.mjs";
import { reportIn, runRecipe } from "./recipe-report.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
    finished: { type: "boolean", default: false },
    mnist: { type: "string" },
  },
});
const { quick, mnist } = values;
const experiment = mnist === undefined ? "transfer" : "transfer-mnist";
const folder = values.folder ?? `runs/paper-${experiment}${quick ? "-quick" : ""}`;
const ownResults = fileURLToPath(new URL(`../results/paper-${experiment}.json`, import.meta.url));
const results = values.json ?? (quick ? join(folder, "rows.json") : ownResults);

const ofTeacher = mnist === undefined ? ["teacher.train.training.epochs=1"] : [];
const fewer = quick ? ["training.epochs=2", ...ofTeacher, "seeds=[1,2]"] : [];
/** MNIST whole, a teacher that was trained long, the paper's student; only soft labels: the hard ones know no 3 */
function onMnist() {
  const files = (part) => {
    const file = (name) => resolve(mnist, "mnist/package/data", `${part}-${name}-ubyte`);
    return { images: file("images-idx3"), labels: file("labels-idx1") };
  };
  const teacher = { checkpoint: resolve(mnist, "jobs/jobs/teacher/final/model.safetensors") };
  const data = { source: "idx", name: "mnist", ...files("train"), test: files("t10k") };
  const student = { family: "mlp", hidden: [800, 800] };
  const changes = { data, teacher, student, "training.epochs": 20, arms: ["distilled"] };
  return Object.entries(changes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/** name of the run: recipe and changes */
const runs = mnist === undefined ? {
  "withheld-class": ["withheld-class"],
  "only-two-classes": ["only-two-classes"],
  "only-two-classes-each": ["only-two-classes", "transfer.biasCorrection=perClass"],
  "three-percent": ["three-percent"],
  unlabelled: ["unlabelled"],
  augmented: ["augmented"],
  "not-augmented": ["augmented", "labels={views: 1}", "arms=[distilled,scratch]"],
} : {
  "withheld-class": ["withheld-class", ...onMnist()],
  "only-two-classes": ["only-two-classes", ...onMnist()],
  "only-two-classes-each": ["only-two-classes", "transfer.biasCorrection=perClass", ...onMnist()],
};
const { stage, noteHours } = openExperiment(experiment, folder, { runs, fewer });

const reports = {};
for (const [name, [recipe, ...changes]] of Object.entries(runs)) {
  if (values.finished && !existsSync(join(folder, `${name}.json`))) continue;
  // the stage remembers that it is done; the report stays in the run's folder
  await stage(name, () => ({ run: runRecipe(folder, name, recipe, [...changes, ...fewer]).title }));
  reports[name] = reportIn(folder, name);
}

const percent = (share) => (share === undefined || share === null ? null : 100 * share);
const { hours } = noteHours();
const common = { seeds: quick ? 2 : 5, threads: 2, machine, date: today(), hours };
const rows = [];

/** @param peer of the paper, in the same unit as the interval, or null where it has none */
function add(name, metric, { mean, low, high }, { peer = null, difference, unit = "%" } = {}) {
  const show = unit === "%" ? percent : (value) => value;
  rows.push({
    case: `${mnist === undefined ? "digits" : "MNIST"}, ${name}`,
    metric,
    unit,
    potstill: show(mean),
    low: show(low),
    high: show(high),
    peerName: peer === null ? null : "Hinton, Vinyals, Dean (2015)",
    peer: show(peer),
    ratio: peer === null ? null : mean / peer,
    ...(difference && { difference: { mean: show(difference.mean), low: show(difference.low), high: show(difference.high) } }),
    ...common,
  });
}

const overSeeds = ({ perSeed }) => bootstrapMean(perSeed.map((value) => [value]));

/** By how much the paper put classes without samples above the others; 7s and 8s it lowered. */
const paperBiases = { "without-3": 3.5, "only-7-and-8": 7.6 };
const systemNames = { whole: "hard labels, all samples", scratch: "hard labels", distilled: "soft labels" };

function addTransfer(title, report, { withTeacher = true, only } = {}) {
  if (report === undefined) return; // with --finished
  const { models, transfer } = report;
  if (withTeacher) add(`${title}: teacher, all samples`, "test accuracy", models.teacher.test.accuracy);
  for (const { system, isCorrected, accuracy, withheldAccuracy, trainAccuracy, validation, bias, paper } of transfer.systems) {
    if (only !== undefined && !only({ system, isCorrected })) continue;
    const name = `${title}: ${systemNames[system]}${isCorrected ? ", biases corrected" : ""}`;
    add(name, "test accuracy", accuracy, { peer: paper?.accuracy });
    if (withheldAccuracy !== null && transfer.withheld.length === 1)
      add(name, `accuracy on ${transfer.withheld[0]}s`, withheldAccuracy, { peer: paper?.withheldAccuracy });
    if (bias !== null) {
      const peer = paper !== null && transfer.correction === "shared" ? paperBiases[transfer.paper] : null;
      add(name, "bias of classes without samples, above the others'", overSeeds(bias), { peer, unit: "logits" });
    }
    if (transfer.paper !== "three-percent") continue;
    add(name, "training accuracy", overSeeds(trainAccuracy), { peer: paper?.trainAccuracy });
    add(name, "validation accuracy, the epoch that was kept", overSeeds(validation.kept));
    add(name, "validation accuracy, the last epoch", overSeeds(validation.last));
  }
  const { recovered } = transfer;
  if (recovered !== null && transfer.paper === "three-percent")
    add(`${title}: soft labels`, "share of the loss got back", recovered, { peer: (57 - 44.5) / (58.9 - 44.5) });
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
    add(`${title}: ${name}`, "test accuracy", models[model].test.accuracy, { difference });
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
if (reports.augmented !== undefined) {
  const { diff: mean, low, high } = reports.augmented.comparisons.distilledVsScratchAugmented;
  add("augmented: soft labels of 16 views less hard labels with the teacher's augmentation", "difference of test accuracy", { mean, low, high });
}

for (const { case: name, metric, potstill, low, high, peer } of rows)
  console.log(
    `${name}, ${metric}: ${potstill.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]${peer === null ? "" : `; the paper ${peer.toFixed(2)}`}`,
  );
writeJson(results, rows);
