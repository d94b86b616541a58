/**
 * @file Labels a data set with an .onnx teacher into a folder: prints {"samplesPerSecond": [...]} as JSON.
 * usage: labelling.mjs MODEL.onnx SHAPE SAMPLES THREADS ROUNDS fresh|hashed
 * hashed: the content hashes are known, as they are in a run that has split its data and looked for duplicates
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { labelAll, onnxTeacher } from "../../dist/distill/index.js";
import { nodeRuntime } from "../../dist/runtime/node.js";
import { noise } from "./models.mjs";

const [file, shape, samples, threads, rounds, state] = process.argv.slice(2);
const runtime = await nodeRuntime();
const model = readFileSync(file);
const samplesPerSecond = [];
for (let round = -1; round < Number(rounds); round++) {
  // made anew: a data set remembers the hashes of its samples, which labelling must pay for
  const dataset = noise(Number(samples), shape.split("x").map(Number));
  const teacher = await onnxTeacher(runtime, { model, file, dataset, threads: Number(threads) });
  if (state === "hashed") dataset.hash();
  const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
  const store = await folderStore(folder);
  const started = performance.now();
  await labelAll({ teacher, dataset, store });
  if (round >= 0) samplesPerSecond.push((1000 * dataset.length) / (performance.now() - started));
  rmSync(folder, { recursive: true });
  await teacher.close();
}
console.log(JSON.stringify({ samplesPerSecond }));
await runtime.close();
