/**
 * @file One training-step case in Potstill: prints {"ms": [...], ...} as JSON. usage: training-step.mjs CASE THREADS STEPS ROUNDS
 * With 0 rounds it serves them as bench/cases/serve.mjs has them.
 * CASE mlp:HIDDEN:BATCH:SAMPLES is a perceptron of any size.
 */

import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { assembleSlabs, openStepRunner, slabAssembler, stepsInCall } from "../../dist/engine/train/index.js";
import { serve } from "./serve.mjs";
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
// in calls as training makes them
const assemble = slabAssembler(feed);
const inCall = Math.min(count, stepsInCall(feed));
const calls = Math.ceil(count / inCall);
let [next, done] = [assemble(0, inCall), 0];
/** @returns ms a step */
async function round() {
  const started = performance.now();
  for (let call = 0; call < calls; call++) {
    const running = runner.run(await next, inCall);
    next = assemble(++done * inCall, inCall); // ahead, as training does it
    await running;
  }
  return { ms: (performance.now() - started) / (calls * inCall) };
}
const about = { runtime: `${runtime.name} ${runtime.version}` };
if (Number(rounds) === 0) await serve(about, round);
else {
  const ms = [];
  for (let left = Number(rounds); left > 0; left--) ms.push((await round()).ms);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms, firstStepAt, peakMiB, ...about }));
}
await runtime.close();
