/**
 * @file Runs benchmarks side by side with their peers and records rows.
 *
 * usage: npm run bench -- [--quick] [--case NAME] [--threads 1,2] [--json FILE] [--list]
 *
 * A row is {case, metric, unit, potstill, peerName, peer, ratio, threads, machine, date}; ratio > 1: Potstill is better.
 * Where the sides took turns it has `medians` {potstill, peer, rounds} too, and that of products in OpenBLAS PyTorch's own
 * step, `pytorchStep` {least, median}.
 * PyTorch is that of /usr/bin/python3, or of the program that BENCH_PYTHON names.
 * Rows go to bench/results/bench.json, of --quick to bench-quick.json; rows of the same case, metric and threads are
 * replaced there, the others stay. --quick measures fewer rounds and smaller jobs, and its metrics say which.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkPeer } from "./measure.mjs";
import { deadUnitCases } from "./rows/dead-units.mjs";
import { growthCases } from "./rows/growth.mjs";
import { jobCases } from "./rows/jobs.mjs";
import { labellingCases } from "./rows/labelling.mjs";
import { floorCases } from "./rows/matmul-floor.mjs";
import { memoryCases } from "./rows/memory.mjs";
import { shardCases } from "./rows/shards.mjs";
import { startCases } from "./rows/start.mjs";
import { stepCases } from "./rows/training-step.mjs";

const options = {
  quick: { type: "boolean", default: false },
  case: { type: "string" },
  threads: { type: "string", default: "1,2" },
  json: { type: "string" },
  list: { type: "boolean", default: false },
};
const values = parsed();
const { quick } = values;
/** name → ({quick, threads}) → rows */
const cases = {
  ...stepCases,
  ...floorCases,
  ...jobCases,
  ...labellingCases,
  ...memoryCases,
  ...startCases,
  ...shardCases,
  ...growthCases,
  ...deadUnitCases,
};
/** answered by the full run alone, or by --case */
const long = new Set([
  ...Object.keys(growthCases),
  "dead-units",
  "shards-mlp-1200",
  "labelling-cnn",
  "labelling-mlp-1200-float",
  "job-2x1200-to-2x800",
  "job-ten-to-2x800",
  "first-step-mlp-1200",
]);


/** cases whose peer is no PyTorch */
const withoutTorch = { ...labellingCases, ...shardCases, ...deadUnitCases, "start-up": startCases["start-up"] };

function parsed() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    return fail(`${error.message.replace(/\.?$/, ".")} Options: ${known.join(", ")}`);
  }
}

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}

if (values.list) {
  console.log(Object.keys(cases).join("\n"));
  process.exit();
}
if (values.case !== undefined && !(values.case in cases))
  fail(`unknown case "${values.case}". Cases: ${Object.keys(cases).join(", ")}`);
const threads = values.threads.split(",").map(Number);
if (!threads.every((count) => Number.isInteger(count) && count >= 1)) fail(`--threads ${values.threads}: give 1, or 1,2`);
const load = loadavg()[0];
if (load > 0.7) console.error(`bench: the machine is busy (load ${load.toFixed(1)}); ratios will be noisy`);
const file =
  values.json ?? fileURLToPath(new URL(`./results/${quick ? "bench-quick" : "bench"}.json`, import.meta.url));
const wanted = values.case === undefined ? Object.keys(cases).filter((name) => !(quick && long.has(name))) : [values.case];
if (wanted.some((name) => !(name in withoutTorch)))
  try {
    console.error(`bench: peer multiplies at ${checkPeer().toFixed(0)} GFLOP/s on one thread`);
  } catch (error) {
    fail(error.message);
  }
const started = performance.now();
for (const name of wanted)
  for await (const row of cases[name]({ quick, threads })) {
    print(row);
    record(row);
  }
console.error(`bench: ${((performance.now() - started) / 60_000).toFixed(1)} minutes, rows in ${file}`);

function print({ case: name, metric, unit, potstill, peerName, peer, ratio, threads: count }) {
  const number = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  console.log(
    `${name.padEnd(30)} ${count} thread(s)  ${number(potstill).padStart(7)} ${unit}, ${peerName} ${number(peer)} ${unit}, ` +
      `ratio ${ratio.toFixed(2)}  (${metric})`,
  );
}

function record(row) {
  const isSame = (other) =>
    other.case === row.case && other.metric === row.metric && other.threads === row.threads;
  const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
  const at = known.findIndex(isSame);
  const rows = at < 0 ? [...known, row] : known.with(at, row);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
}
