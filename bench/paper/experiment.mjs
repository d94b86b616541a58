/**
 * @file What long experiments share: a folder that remembers each finished stage and the hours of all starts, refuses other
 * settings, and goes on where it was stopped.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nodeRuntime } from "potstill/node";

/** Writes a file whole or not at all. */
export function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.partial`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${file}.partial`, file);
}

/** Opens a folder, or ends the process if it was started with other settings. */
export function openExperiment(name, folder, settings) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "settings.json");
  const text = JSON.stringify(settings, null, 1);
  if (!existsSync(file)) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${name}: ${folder} was started with other settings (settings.json). Give another --folder.`);
    process.exit(2);
  }

  const hoursFile = join(folder, "hours.json");
  const before = { hours: 0, cpuHours: 0, ...(existsSync(hoursFile) && JSON.parse(readFileSync(hoursFile, "utf8"))) };
  /** Hours by the clock, and of all processors together (without child processes), of all starts in this folder. */
  const noteHours = () => {
    const { user, system } = process.cpuUsage();
    const hours = before.hours + performance.now() / 3_600_000;
    const cpuHours = before.cpuHours + (user + system) / 3_600_000_000;
    writeJson(hoursFile, { hours, cpuHours });
    return { hours: Number(hours.toFixed(2)), cpuHours: Number(cpuHours.toFixed(2)) };
  };

  setInterval(noteHours, 60_000).unref(); // what a kill would lose
  process.on("exit", noteHours); // also what a child has taken meanwhile
  const say = (line) => {
    noteHours();
    console.error(`[${new Date().toISOString().slice(11, 19)}] ${line}`);
  };

  /** A stage's answer, from its file if it has been there; with the seconds that it took. */
  const stage = async (id, work) => {
    const answerFile = join(folder, `${id}.json`);
    if (existsSync(answerFile)) return JSON.parse(readFileSync(answerFile, "utf8"));
    say(id);
    const started = performance.now();
    const answer = { ...(await work()), seconds: (performance.now() - started) / 1000 };
    writeJson(answerFile, answer);
    return answer;
  };

  /** Runs a training to its end, with a line now and then. */
  const trained = async (run, { every = 1 } = {}) => {
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value;
      if (value.type !== "epoch" || value.record.epoch % every !== 0) continue;
      const { record, job, epochs } = value;
      const accuracy = (100 * record.validationAccuracy).toFixed(2);
      say(`${job}: epoch ${record.epoch} of ${epochs}, ${accuracy} % of validation, ${record.seconds.toFixed(1)} s`);
    }
  };

  return { say, stage, trained, noteHours };
}

/**
 * Opens runtimes for as many trainings at once. No number depends on how many there are.
 *
 * @returns {{runtime: Runtime, inLane: (work: (runtime: Runtime) => Promise) => Promise, close: () => Promise<void>}}
 *   inLane starts work in the order of the calls, each as soon as a runtime is free; `runtime` is one of them
 */
export async function openLanes(count) {
  const runtimes = await Promise.all(Array.from({ length: count }, () => nodeRuntime()));
  const free = [...runtimes];
  const waiting = [];
  const inLane = async (work) => {
    const runtime = free.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
    try {
      return await work(runtime);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(runtime);
      else next(runtime);
    }
  };
  const close = async () => {
    for (const each of runtimes) await each.close();
  };
  return { runtime: runtimes[0], inLane, close };
}
