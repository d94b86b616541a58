/**
 * @file Sides of a comparison as processes that stay: a round is measured when it is asked for, so that all sides take turns
 * within seconds. What a neighbour takes from the machine for minutes, it takes from all of them.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median, python, tuned } from "./measure.mjs";

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Starts a program that says {…} when it is warm, and {"ms": …} after every line that it reads. */
async function open(command, args, { env = process.env, timeoutMs } = {}) {
  const child = spawn(command, args.map(String), { env, stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-20_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let isLate = false;
  const reason = () =>
    isLate
      ? `not warm after ${timeoutMs / 1000} s`
      : (said.split("\n").findLast((each) => /error|Error/.test(each)) ?? `${command} ended without an answer`);
  const answer = async () => {
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done) throw new Error(reason());
      if (line.startsWith("{")) return JSON.parse(line);
    }
  };
  const stop = () => {
    isLate = true;
    child.kill();
  };
  const timer = timeoutMs && setTimeout(stop, timeoutMs);
  try {
    const about = await answer();
    const round = () => {
      child.stdin.write("\n");
      return answer();
    };
    return { about, round, close: () => child.stdin.end() };
  } finally {
    clearTimeout(timer);
  }
}

/** Opens bench/cases/NAME.mjs, which serves rounds. */
export const openCase = (name, ...args) => open("node", [pathOf(`cases/${name}.mjs`), ...args]);

/** Opens bench/peers/NAME.mjs likewise. */
export const openPeer = (name, ...args) => open("node", [pathOf(`peers/${name}.mjs`), ...args]);

/** Opens bench/peers/NAME.py likewise. @param options.blas BLAS threads; @param options.timeoutMs until it must be warm */
export const openTorch = ({ blas, timeoutMs }, name, ...args) =>
  open(python, [pathOf(`peers/${name}.py`), ...args], { env: tuned(blas), timeoutMs });

/** Waits until all of them are warm. @throws the first failure, when the others are closed */
export async function openAll(opening) {
  const opened = await Promise.allSettled(opening);
  const failed = opened.find(({ status }) => status === "rejected");
  if (failed === undefined) return opened.map(({ value }) => value);
  for (const { value } of opened) value?.close();
  throw failed.reason;
}

/**
 * Measures opened sides in turns, and closes them.
 *
 * @returns the least and the median of each one's rounds, in ms
 */
export async function alternate(sides, rounds) {
  const times = sides.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, side] of sides.entries()) times[at].push((await side.round()).ms);
  for (const side of sides) side.close();
  return times.map((list) => ({ least: Math.min(...list), median: median(list) }));
}
