/**
 * @file One training-step case in Potstill: prints {"ms": [...], ...} as JSON. usage: training-step.mjs CASE THREADS STEPS ROUNDS
 * CASE mlp:HIDDEN:BATCH:SAMPLES is a perceptron of any size.
 */

import { nodeRuntime } from "../../dist/runtime/node.js";
import { assembleSlabs, openStepRunner } from "../../dist/train/index.js";
import { stepOf } from "./steps.mjs";

const [name, threads, steps, rounds] = process.argv.slice(2);
const { step, feed, start } = stepOf(name);
const runtime = await nodeRuntime();
const runner = await openStepRunner(runtime, step, start, { threads: Number(threads) });
const count = Number(steps);
await runner.run(await assembleSlabs(feed, 0, 1), 1);
const firstStepAt = Date.now() / 1000;
const warmUp = Math.max(3, count >> 2);
await runner.run(await assembleSlabs(feed, 0, warmUp), warmUp);
const ms = [];
let slabs = await assembleSlabs(feed, 0, count);
for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now();
  const running = runner.run(slabs, count);
  slabs = await assembleSlabs(feed, (round + 1) * count, count); // ahead, as training does it
  await running;
  ms.push((performance.now() - started) / count);
}
const peakMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ms, firstStepAt, peakMiB, runtime: `${runtime.name} ${runtime.version}` }));
await runtime.close();
