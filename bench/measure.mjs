/**
 * @file How every row is measured: each side in a process of its own, in turns, the best of each kept. A neighbour on the
 * machine only ever adds time.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machine, today } from "./machine.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Debian's, or the one that BENCH_PYTHON names. */
export const python = process.env.BENCH_PYTHON ?? "/usr/bin/python3";

/** torch.compile vectorises only where this is there: without it the test program that it loads lacks symbols. */
const sleef = "/usr/lib/x86_64-linux-gnu/libsleef.so";

/** The environment in which Debian's PyTorch is at its best: see docs/performance.md. */
export const tuned = (blasThreads) => ({
  ...process.env,
  ...(existsSync(sleef) && { LD_PRELOAD: sleef }),
  OMP_WAIT_POLICY: "passive",
  GOMP_SPINCOUNT: "0",
  OPENBLAS_NUM_THREADS: String(blasThreads),
});

/** @returns what a program printed, and when it was started, in seconds */
function runJson(command, args, { env = process.env, timeoutMs } = {}) {
  const startedAt = Date.now() / 1000;
  const out = execFileSync(command, args.map(String), {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", timeoutMs === undefined ? "inherit" : "pipe"],
    timeout: timeoutMs,
    maxBuffer: 2 ** 26,
  });
  return { startedAt, ...JSON.parse(out.slice(out.indexOf("{"))) };
}

/** Runs bench/cases/NAME.mjs. @returns what it printed, as JSON */
export const runCase = (name, ...args) => runJson("node", [`${here}cases/${name}.mjs`, ...args]);

/** Runs bench/peers/NAME.mjs. */
export const runPeer = (name, ...args) => runJson("node", [`${here}peers/${name}.mjs`, ...args]);

/**
 * Runs bench/peers/NAME.py with each number of BLAS threads that may be best for so many threads.
 * @returns one answer for each
 */
export const runTorch = (threads, name, ...args) =>
  (threads === 1 ? [1] : [1, 2]).map((blas) => runJson(python, [`${here}peers/${name}.py`, ...args], { env: tuned(blas) }));

/** As runTorch, with so many BLAS threads and within a time limit. @returns the answer, or what went wrong */
function tryTorch({ timeoutMs, blas = 1 }, name, ...args) {
  try {
    return { answer: runJson(python, [`${here}peers/${name}.py`, ...args], { env: tuned(blas), timeoutMs }) };
  } catch (error) {
    const lines = String(error.stderr ?? error.message).split("\n");
    const said = lines.findLast((line) => /error|Error/.test(line)) ?? error.message.split("\n")[0];
    return { failure: error.code === "ETIMEDOUT" ? `not done after ${timeoutMs / 1000} s` : said.trim() };
  }
}

/** what compiling, and a program that is compiled, may take */
const compiledLimitMs = 900_000;

/**
 * The better of eager PyTorch and, with as many BLAS threads, of torch.compile where that runs: the program's last argument.
 *
 * @param warm arguments of a short run before the compiled one, which puts the kernels into the compiler's cache on disk
 * @param of an answer: what is better small
 * @returns the answer, and by which way
 */
export function bestOfTorch({ threads, isQuick, warm }, of, name, ...args) {
  const least = (a, b) => (of(b) < of(a) ? b : a);
  const eager = runTorch(threads, name, ...args, "eager")
    .map((answer, at) => ({ ...answer, way: "eager", blas: at + 1 }))
    .reduce(least);
  if (isQuick) return eager;
  const limits = { timeoutMs: compiledLimitMs, blas: eager.blas };
  if (warm !== undefined) tryTorch(limits, name, ...warm, "compile");
  const { answer, failure } = tryTorch(limits, name, ...args, "compile");
  return failure === undefined
    ? least(eager, { ...answer, way: "torch.compile" })
    : { ...eager, way: `eager (torch.compile: ${failure.slice(0, 80)})` };
}

export const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * Lets both sides take turns.
 * @param sides by name: a function that measures once and returns a number
 * @returns the least (or, of rates, the most) of each
 */
export function inTurns(rounds, sides, best = Math.min) {
  const kept = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(sides)) {
      const value = measure();
      kept[name] = name in kept ? best(kept[name], value) : value;
    }
  return kept;
}

const rates = /per second|\/s$/;

/** @returns a row as it is recorded; of rates more is better, of everything else less */
export function row({ case: name, metric, unit, potstill, peerName, peer, threads }) {
  const ratio = rates.test(unit) ? potstill / peer : peer / potstill;
  return { case: name, metric, unit, potstill, peerName, peer, ratio, threads, machine, date: today() };
}

/** @returns GFLOP/s of the peer's matrix product on one thread. @throws if it is no fair peer */
export function checkPeer() {
  const { answer, failure } = tryTorch({ timeoutMs: 60_000 }, "torch_step", "gemm", 1, 1, 1);
  if (failure !== undefined)
    throw new Error(
      `PyTorch does not run: ${failure}\nOn Debian: apt-get install python3-torch libopenblas0-pthread, and libtorch-dev libsleef-dev python3-dev g++ for torch.compile`,
    );
  const gflops = (2 * 2048 ** 3) / Math.min(...answer.ms) / 1e6;
  if (gflops < 20)
    throw new Error(
      `PyTorch multiplies at ${gflops.toFixed(1)} GFLOP/s, so it is linked to the reference BLAS and no fair peer. ` +
        "Install libopenblas0-pthread.",
    );
  return gflops;
}
