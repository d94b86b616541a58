/**
 * @file Ten nets that differ by seed, distilled into one net of their size: recipes/ensemble.yaml as it is, with its report's
 * numbers as rows.
 *
 * usage: npm run build && node bench/paper/ensemble.mjs [--quick] [--folder runs/paper-ensemble] [--json FILE]
 *
 * Everything is kept in the folder: stopped at any time and called again, it goes on. Weights of the members and epochs are
 * chosen on validation; the test split is looked at once, at the end. One pool of ten serves all five students. --quick is a
 * rehearsal with three members; its numbers mean nothing and stay in the folder.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine, today } from "../machine.mjs";
import { openExperiment, writeJson } from "./experiment.mjs";
import { reportIn, runRecipe } from "./recipe-report.mjs";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, folder: { type: "string" }, json: { type: "string" } },
});
const { quick } = values;
const folder = values.folder ?? `runs/paper-ensemble${quick ? "-quick" : ""}`;
const ownResults = fileURLToPath(new URL("../results/paper-ensemble.json", import.meta.url));
const network = { family: "mlp", hidden: [64] };
const short = { ensemble: [{ train: { network, training: { epochs: 1 }, members: 3 } }], combine: "arithmetic", weights: "validation" };
const changes = quick ? [`teacher=${JSON.stringify(short)}`, "training.epochs=2", "seeds=[1,2]"] : [];
const { stage, noteHours } = openExperiment("ensemble", folder, { changes });

await stage("ensemble", () => ({ run: runRecipe(folder, "ensemble", "ensemble", changes).title }));
const { ensemble, models, comparisons } = reportIn(folder, "ensemble");
const { hours } = noteHours();
const percent = ({ mean, diff = mean, low, high }) => ({ mean: 100 * diff, low: 100 * low, high: 100 * high });
const seeds = quick ? 2 : 5;
const common = { unit: "%", seeds, threads: 2, machine, date: today(), hours };

/** @param peer of the paper's speech ensemble, or null where it has no such number */
function row(name, metric, interval, { peer = null, difference } = {}) {
  const { mean: potstill, low, high } = interval === null ? { mean: null } : percent(interval);
  const ratio = peer === null || potstill === null ? null : potstill / peer;
  const peerName = peer === null ? null : "Hinton, Vinyals, Dean (2015), speech, frame accuracy";
  const more = difference && { difference: percent(difference) };
  return { case: `digits, mlp 196-64-10: ${name}`, metric, potstill, low, high, peerName, peer, ratio, ...more, ...common };
}

const count = ensemble.members.length;
const rows = [
  row(`mean of the ${count} members`, "test accuracy", ensemble.baseline),
  row(`ensemble of the ${count}`, "test accuracy", ensemble.teacher, { difference: ensemble.gain }),
  row("the same net, hard labels", "test accuracy", models.scratch.test.accuracy),
  row("the same net, hard labels of such views; difference of distilled to it", "test accuracy", models.scratchAugmented.test.accuracy, {
    difference: comparisons.distilledVsScratchAugmented,
  }),
  row("distilled into one net, difference to hard labels", "test accuracy", ensemble.students, {
    difference: comparisons.distilledVsScratch,
  }),
  row("distilled into one net", "share of the ensemble's gain kept", ensemble.kept, { peer: 86.4 }),
];
for (const { case: name, metric, potstill, low, high } of rows)
  console.log(`${name}, ${metric}: ${potstill?.toFixed(2)} [${low?.toFixed(2)}, ${high?.toFixed(2)}]`);
writeJson(values.json ?? (quick ? join(folder, "rows.json") : ownResults), rows);
