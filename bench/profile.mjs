/**
 * @file Where a training step's time goes, by the runtime's kernels: prints a table, ms a step.
 *
 * usage: node bench/profile.mjs CASE [THREADS [STEPS]]
 * CASE as bench/cases/training-step.mjs. Profiling itself slows the step by about a tenth.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileSteps, stepsInput, trainingForms } from "../dist/engine/compile/index.js";
import { nodeRuntime } from "../dist/engine/runtime/node.js";
import { assembleSlabs } from "../dist/engine/train/index.js";
import { stepOf } from "./cases/steps.mjs";

const [name, threads = "1", stepsText = "10"] = process.argv.slice(2);
const steps = Number(stepsText);
const { step, feed, start } = stepOf(name);
const runtime = await nodeRuntime();
const model = compileSteps(step, trainingForms(runtime.convolutionBlock));
await runtime.close();
const ort = await import("onnxruntime-node");
const folder = mkdtempSync(join(tmpdir(), "potstill-profile-"));
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  logSeverityLevel: 4,
  enableProfiling: true,
  profileFilePrefix: join(folder, "profile"),
});
const slabs = Object.entries(await assembleSlabs(feed, 0, steps));
const feeds = Object.fromEntries(
  [...start, ...slabs].map(([key, { dtype, data, shape }]) => [key, new ort.Tensor(dtype, data, shape)]),
);
feeds[stepsInput] = new ort.Tensor("int64", BigInt64Array.of(BigInt(steps)), []);
const rounds = 2;
for (let round = 0; round < rounds; round++) await session.run(feeds);
session.endProfiling();
const [file] = readdirSync(folder);
const events = JSON.parse(readFileSync(join(folder, file), "utf8")).filter(
  ({ cat, name: event, args }) => cat === "Node" && event.endsWith("_kernel_time") && args.op_name !== "Loop",
);
rmSync(folder, { recursive: true });

/** Prints the sums of time by a key of an event, the largest first. */
function table(title, keyOf, most) {
  const sums = new Map();
  for (const event of events) {
    const sum = sums.get(keyOf(event)) ?? { ms: 0, count: 0 };
    sums.set(keyOf(event), { ms: sum.ms + event.dur / 1e3, count: sum.count + 1 });
  }
  console.log(title);
  for (const [key, { ms, count }] of [...sums].sort((a, b) => b[1].ms - a[1].ms).slice(0, most))
    console.log(`${(ms / rounds / steps).toFixed(3).padStart(9)} ms  ${count / rounds / steps} x ${key}`);
}
const shapes = ({ args }) => (args.input_type_shape ?? []).map((type) => Object.values(type)[0].join("x")).join(", ");
table("by operator", ({ args }) => args.op_name, 20);
table("by operator and shapes", (event) => `${event.args.op_name} ${shapes(event)}`, 40);
const total = events.reduce((sum, { dur }) => sum + dur / 1e3, 0);
console.log(`${(total / rounds / steps).toFixed(1)} ms in ${events.length / rounds / steps} kernels a step`);
