/**
 * @file Runs benchmarks side by side with their peers and records rows.
 *
 * usage: npm run bench -- [--quick] [--case NAME] [--threads 1,2] [--json FILE]
 *
 * A row is {case, metric, unit, potstill, peerName, peer, ratio, threads, machine, date}; ratio > 1: Potstill is better.
 * Potstill and the peer take turns, round by round, each in its own process, and each keeps its best round's median: what
 * a neighbour on the machine spoils, it spoils for both.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    case: { type: "string" },
    threads: { type: "string", default: "1,2" },
    json: { type: "string" },
  },
});

/** steps a round; enough for about half a second */
const stepCases = {
  "mlp-30": 800,
  "ds-cnn-16": 60,
  "gru-32": 40,
  "mlp-1200": 40,
  cnn: 24,
  "ds-cnn": 16,
  resnet8: 10,
  "gru-128": 8,
  transformer: 10,
};
const rounds = values.quick ? 2 : 4;
const repeats = 5;

/** The environment in which Debian's PyTorch is at its best: see docs/performance.md. */
const tuned = (blasThreads) => ({
  ...process.env,
  OMP_WAIT_POLICY: "passive",
  GOMP_SPINCOUNT: "0",
  OPENBLAS_NUM_THREADS: String(blasThreads),
});

function fail(message) {
  console.error(message);
  process.exit(2);
}

function runJson(command, args, env = process.env) {
  return JSON.parse(execFileSync(command, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

/** Refuses a PyTorch that is not there, or that is linked to a slow BLAS. */
function checkPeer() {
  let best;
  try {
    best = Math.min(...runJson("/usr/bin/python3", [`${here}peers/torch_step.py`, "gemm", "1", "1", "1"], tuned(1)).ms);
  } catch {
    fail("bench: PyTorch is not installed. On Debian: apt-get install python3-torch libopenblas0-pthread");
  }
  const gflops = (2 * 2048 ** 3) / best / 1e6;
  if (gflops < 20)
    fail(
      `bench: PyTorch multiplies at ${gflops.toFixed(1)} GFLOP/s, so it is linked to the reference BLAS and no fair peer. ` +
        "Install libopenblas0-pthread.",
    );
  return gflops;
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

function stepRow(name, steps, threads) {
  const best = { potstill: Number.POSITIVE_INFINITY, peer: Number.POSITIVE_INFINITY };
  let torch = "";
  for (let round = 0; round < rounds; round++) {
    const own = runJson("node", [`${here}cases/training-step.mjs`, name, threads, steps, repeats]);
    best.potstill = Math.min(best.potstill, median(own.ms));
    for (const blas of threads === 1 ? [1] : [1, 2]) {
      const peer = runJson(
        "/usr/bin/python3",
        [`${here}peers/torch_step.py`, name, threads, steps, repeats],
        tuned(blas),
      );
      best.peer = Math.min(best.peer, median(peer.ms));
      torch = peer.torch;
    }
  }
  return {
    case: `training step, ${name}`,
    metric: "time per step",
    unit: "ms",
    potstill: best.potstill,
    peerName: `PyTorch ${torch}, eager`,
    peer: best.peer,
    ratio: best.peer / best.potstill,
    threads,
    machine: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
    date: new Date().toISOString().slice(0, 10),
  };
}

const wanted = values.case === undefined ? Object.keys(stepCases) : [values.case];
for (const name of wanted)
  if (!(name in stepCases)) fail(`bench: unknown case "${name}". Cases: ${Object.keys(stepCases).join(", ")}`);
const load = loadavg()[0];
if (load > 0.7) console.error(`bench: the machine is busy (load ${load.toFixed(1)}); ratios will be noisy`);
console.error(`bench: peer multiplies at ${checkPeer().toFixed(0)} GFLOP/s on one thread`);
const rows = [];
for (const name of wanted)
  for (const threads of values.threads.split(",").map(Number)) {
    const row = stepRow(name, stepCases[name], threads);
    rows.push(row);
    console.log(
      `${row.case.padEnd(28)} ${threads} thread(s)  ${row.potstill.toFixed(3).padStart(8)} ms  ` +
        `${row.peerName} ${row.peer.toFixed(3).padStart(8)} ms  ratio ${row.ratio.toFixed(2)}`,
    );
  }
const file = values.json ?? `${here}results/steps.json`;
mkdirSync(`${here}results`, { recursive: true });
writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
