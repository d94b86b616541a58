/**
 * @file What int8 costs a small student, and what gets it back: float32, int8 after training, training on the int8 grid
 * ("aware") without a teacher, and with one; and a table of temperatures and weight bits.
 *
 * usage: npm run build && node bench/quantisation/four-arms.mjs [--quick] [--json FILE]
 *
 * Everything below is fixed before: only the learning rate is chosen, for each arm on the validation split with a seed of
 * its own. Every arm has the same initial weights, batches, samples and number of epochs for each seed; the test split is
 * looked at once. Every accuracy of int8 is that of the integer network (rounding "tflm"), not of its imitation in training.
 * --quick is a rehearsal; its numbers mean nothing and are not written unless asked.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { memoryStore, openSoftLabels, splitDataset } from "../../dist/data/index.js";
import { loadDigits } from "../../dist/data/sources/index-node.js";
import { labelAll, modelLogits, networkTeacher, packageJob, quantizeModel, runJob } from "../../dist/distill/index.js";
import { bootstrapMean, correctSamples, pairedDifference } from "../../dist/distill/metrics/index.js";
import { quantizeSamples, runQuantized } from "../../dist/device/quantize/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { machine, today } from "../machine.mjs";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, json: { type: "string" } } });
const { quick } = values;
const file = values.json ?? (quick ? undefined : fileURLToPath(new URL("../results/quantisation.json", import.meta.url)));

const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
const epochs = quick ? 4 : 40;
/** the first half in float */
const startEpoch = epochs / 2;
const student = { family: "mlp", hidden: [16] };
const rates = quick ? [0.003] : [0.003, 0.01];
const temperatures = quick ? [4] : [1, 2, 4, 8, 20];
const widths = quick ? [2, 8] : [2, 3, 4, 8];
const teacherJob = {
  network: { family: "cnn", channels: [24, 48], hidden: [192], batchNorm: true, dropout: 0.3 },
  training: {
    epochs: quick ? 1 : 20,
    learningRate: { kind: "cosine", value: 0.003 },
    augmentation: { shift: 1 },
    threads: 2,
  },
};

const runtime = await nodeRuntime();
const digits = await loadDigits();
const { train, validation } = splitDataset(digits.train, { validation: 0.1, seed: 1 });
const { test } = digits;

async function trained(job) {
  const run = runJob(job, { runtime });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

const teacherResult = await trained({ id: "teacher", ...teacherJob, train, validation, seed: 1001 });
const store = memoryStore("soft labels");
const teacher = await networkTeacher(runtime, teacherResult.model);
await labelAll({ teacher, dataset: train, store, createdBy: "bench/quantisation" });
const softLabels = await openSoftLabels(store);

/** @returns a finished training. @param bits of aware training; undefined: float */
function job({ seed, rate, bits, temperature }) {
  const aware = bits === undefined ? {} : { quantizationAware: { startEpoch, bits } };
  const training = { epochs, learningRate: { kind: "cosine", value: rate }, ...aware };
  const common = { id: "student", train, validation, training, seed };
  return temperature === undefined
    ? trained({ ...common, network: student })
    : trained(packageJob({ ...common, softLabels, student, distillation: { temperature } }));
}

/** @returns the learning rate that is best on validation with seed 0 */
async function chooseRate(arm) {
  const scores = [];
  for (const rate of rates) scores.push((await job({ seed: 0, rate, ...arm })).validationAccuracy);
  const chosen = rates[scores.indexOf(Math.max(...scores))];
  console.log(`rate ${chosen} for ${JSON.stringify(arm)}: validation ${scores.map((s) => s.toFixed(4)).join(", ")}`);
  return chosen;
}

async function correctInFloat({ model }) {
  return correctSamples(await modelLogits(runtime, model, test), test.labels);
}

async function correctInInt8({ model }, weightBits = 8) {
  const graph = await quantizeModel(model, { calibration: train, runtime, weightBits });
  const size = test.shape.reduce((a, b) => a * b, 1);
  const samples = new Uint8Array(test.length * size);
  await test.gather(
    Int32Array.from({ length: test.length }, (_, i) => i),
    samples,
  );
  const q = quantizeSamples(samples, graph.sample, graph.tensors[graph.input]);
  const logits = Array.from({ length: test.length }, (_, i) => [...runQuantized(graph, q.slice(i * size, (i + 1) * size))]);
  return correctSamples(Float32Array.from(logits.flat()), test.labels);
}

/** @returns results of all seeds. @param measure one or more ways to look at each finished training */
async function overSeeds(arm, rate, ...measures) {
  const results = measures.map(() => []);
  for (const seed of seeds) {
    const done = await job({ seed, rate, ...arm });
    for (const [i, measure] of measures.entries()) results[i].push(await measure(done));
  }
  return results;
}

const rows = [];
const percent = (share) => `${(100 * share).toFixed(2)} %`;

function record(name, own, peerName, peer) {
  const [mine, theirs] = [bootstrapMean(own), bootstrapMean(peer)];
  const difference = pairedDifference(own, peer);
  const isClear = difference.low > 0 || difference.high < 0;
  rows.push({
    case: `digits, mlp ${student.hidden.join("-")}: ${name}`,
    metric: "test accuracy",
    unit: "share of 1",
    potstill: mine.mean,
    peerName,
    peer: theirs.mean,
    ratio: mine.mean / theirs.mean,
    difference,
    seeds: seeds.length,
    threads: 1,
    machine,
    date: today(),
  });
  const points = [difference.mean, difference.low, difference.high].map((d) => (100 * d).toFixed(2));
  const verdict = isClear ? (difference.mean > 0 ? "better" : "worse") : "no clear difference";
  console.log(
    `${name}: ${percent(mine.mean)}; against ${peerName} ${points[0]} [${points[1]}, ${points[2]}] points: ${verdict}`,
  );
}

const started = performance.now();
const rate = {
  float: await chooseRate({}),
  distilled: await chooseRate({ temperature: 4 }),
  aware: await chooseRate({ bits: 8 }),
  awareDistilled: await chooseRate({ bits: 8, temperature: 4 }),
};
const afterwards = widths.map((bits) => (result) => correctInInt8(result, bits));
const [float, ...ptq] = await overSeeds({}, rate.float, correctInFloat, ...afterwards);
const [floatDistilled, ...ptqDistilled] = await overSeeds({ temperature: 4 }, rate.distilled, correctInFloat, ...afterwards);
const aware = {};
for (const bits of widths) [aware[bits]] = await overSeeds({ bits }, rate.aware, correctInInt8);
const table = {};
for (const bits of widths)
  for (const temperature of temperatures)
    [table[`${temperature},${bits}`]] = await overSeeds({ bits, temperature }, rate.awareDistilled, correctInInt8);

const at8 = widths.indexOf(8);
const names = { float: "float32", ptq: "int8 after training", aware: "int8 aware, no teacher" };
record("int8 after training, no teacher", ptq[at8], names.float, float);
record("int8 aware, no teacher", aware[8], names.float, float);
record("int8 aware, no teacher", aware[8], names.ptq, ptq[at8]);
record("float32, distilled", floatDistilled, names.float, float);
record("int8 after training, distilled", ptqDistilled[at8], "float32, distilled", floatDistilled);
record("int8 aware, distilled", table["4,8"], names.float, float);
record("int8 aware, distilled", table["4,8"], names.aware, aware[8]);
record("int8 aware, distilled", table["4,8"], "int8 after training, distilled", ptqDistilled[at8]);
for (const [i, bits] of widths.entries()) {
  record(`${bits}-bit weights after training, no teacher`, ptq[i], names.float, float);
  record(`${bits}-bit weights aware, no teacher`, aware[bits], names.float, float);
  for (const temperature of temperatures) {
    const name = `${bits}-bit weights aware, distilled, T = ${temperature}`;
    record(name, table[`${temperature},${bits}`], `${bits}-bit weights aware, no teacher`, aware[bits]);
  }
}
console.log(`teacher ${percent(bootstrapMean([await correctInFloat(teacherResult)]).mean)}`);
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
if (file !== undefined) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
}
await runtime.close();
