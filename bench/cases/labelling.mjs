/**
 * @file Labels a data set with an .onnx teacher into a folder, in rounds as bench/cases/serve.mjs has them.
 * usage: labelling.mjs MODEL.onnx SHAPE SAMPLES THREADS fresh|hashed
 * hashed: the content hashes are known, as they are in a run that has split its data and looked for duplicates
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { labelAll, onnxTeacher } from "../../dist/distill/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { noise } from "./models.mjs";
import { serve } from "./serve.mjs";

const [file, shape, samples, threads, state] = process.argv.slice(2);
const runtime = await nodeRuntime();
const model = readFileSync(file);

// opened once, as the peer's session is: what is compared is how many samples a second pass through
const openTeacher = (dataset) => onnxTeacher(runtime, { model, file, dataset, threads: Number(threads) });
const samplesAnew = () => noise(Number(samples), shape.split("x").map(Number));
const teacher = await openTeacher(samplesAnew());

async function round() {
  // made anew: a data set remembers the hashes of its samples, which labelling must pay for
  const dataset = samplesAnew();
  if (state === "hashed") dataset.hash();
  const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
  const store = await folderStore(folder);
  const started = performance.now();
  await labelAll({ teacher, dataset, store });
  const ms = performance.now() - started;
  rmSync(folder, { recursive: true });
  return { ms };
}

await round(); // warm
await serve({}, round);
await teacher.close();
await runtime.close();
