/**
 * @file Loaded before the command line (node --import): kills the process in the middle of what POTSTILL_TEST_KILL
 * names, as JSON:
 *   { file: PATTERN, moment: "half" | "begun" | "renamed" }   while a file is written: half of it is on disk; all of
 *                                                             it, under its temporary name; in its place
 *   { log: PATTERN, line: N }                                 in the middle of the N-th write to a log
 *   { call: N, afterMs: M }                                   while the N-th call of many steps runs, or a later one,
 *                                                             M ms after its start
 */

import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import workers from "node:worker_threads";

const plan = JSON.parse(process.env.POTSTILL_TEST_KILL ?? "{}");
const die = () => {
  process.kill(process.pid, "SIGKILL");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // nothing more happens in this thread
};

if (workers.isMainThread && plan.file !== undefined) {
  const pattern = new RegExp(plan.file);
  const { open, rename } = promises;
  promises.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    if (!pattern.test(String(path)) || !String(path).endsWith(".partial")) return handle;
    const { writeFile } = handle;
    handle.writeFile = async (bytes) => {
      if (plan.moment !== "half") return writeFile.call(handle, bytes);
      await writeFile.call(handle, bytes.subarray(0, bytes.length / 2));
      die();
    };
    return handle;
  };
  promises.rename = async (from, to) => {
    if (!pattern.test(String(to))) return rename(from, to);
    if (plan.moment === "renamed") await rename(from, to);
    die();
  };
}

if (workers.isMainThread && plan.log !== undefined) {
  const pattern = new RegExp(plan.log);
  const logs = new Set();
  const { openSync, writeSync } = fs;
  let lines = 0;
  fs.openSync = (path, ...rest) => {
    const handle = openSync(path, ...rest);
    if (pattern.test(String(path))) logs.add(handle);
    return handle;
  };
  fs.writeSync = (handle, bytes, ...rest) => {
    if (logs.has(handle) && ++lines === plan.line) {
      writeSync(handle, bytes.subarray(0, bytes.length / 2));
      die();
    }
    return writeSync(handle, bytes, ...rest);
  };
}

if (workers.isMainThread && plan.call !== undefined) {
  const { postMessage } = workers.Worker.prototype;
  let calls = 0;
  workers.Worker.prototype.postMessage = function (message, ...rest) {
    postMessage.call(this, message, ...rest);
    const steps = message?.verb === "run" ? message.args[1]?.steps?.data[0] : undefined;
    if (steps === undefined || Number(steps) < 8 || ++calls < plan.call) return;
    let isOver = false;
    this.once("message", () => {
      isOver = true;
    });
    setTimeout(() => !isOver && die(), plan.afterMs);
  };
}

syncBuiltinESMExports();
