/**
 * @file How far ONNX Runtime's results on `--format onnx-int8` lie from the integer reference, in each of its roundings: on
 * the output's integers of 500 digits that trained students of every family give, and on the classes chosen by them.
 *
 * usage: npm run build && node bench/mcu/onnx-int8.mjs [--folder runs/mcu-onnx-int8] [--json FILE]
 *
 * The roundings part by definition (docs/decisions/0012): only `onnxruntime` is what the file is held to. Training is on 4,000
 * digits, calibration on the same; the test digits decide nothing. Trained networks are kept in the folder.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { arrayDataset, subset } from "../../dist/data/index.js";
import { loadDigits } from "../../dist/data/sources/index-node.js";
import { exportOnnxInt8 } from "../../dist/device/export/index.js";
import { quantizeModel } from "../../dist/distill/index.js";
import { quantizeSamples, runQuantized } from "../../dist/device/quantize/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { machine, today } from "../machine.mjs";
import { samplesOf, trainedModel } from "./training.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "runs/mcu-onnx-int8" },
    json: { type: "string", default: fileURLToPath(new URL("../results/onnx-int8.json", import.meta.url)) },
  },
});
const [trainingSamples, testSamples] = [4000, 500];
const roundings = ["onnxruntime", "xnnpack", "single", "tflm"];

/** of odd sizes, as in test/export/c/trained.test.ts, and trained for longer */
const families = {
  mlp: { network: { family: "mlp", hidden: [47, 23] }, epochs: 8 },
  cnn: { network: { family: "cnn", channels: [7, 9], batchNorm: true, hidden: [21] }, epochs: 8 },
  resnet8: { network: { family: "resnet8", width: 5 }, epochs: 6 },
  dsCnn: { network: { family: "dsCnn", channels: 13, blocks: 2 }, epochs: 8 },
  mobileNetV1: { network: { family: "mobileNetV1", width: 0.125 }, epochs: 6 },
  tcn: { network: { family: "tcn", channels: [10, 14] }, epochs: 4 },
  autoencoder: { network: { family: "autoencoder", hidden: [37, 21], bottleneck: 9 }, epochs: 6, target: (x) => x },
};

const say = (text) => console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`);

async function digits() {
  const all = await loadDigits();
  const first = (data, length) => subset(data, Int32Array.from({ length }, (_, at) => at), "first digits");
  const test = first(all.test, testSamples);
  return { train: first(all.train, trainingSamples), validation: test, test };
}

/** the same as float32 in 0 … 1, flat: what a regression takes for input and target */
async function realDigits(parts) {
  const reals = async ([part, data]) => {
    const samples = Float32Array.from(await samplesOf(data), (pixel) => pixel / 255);
    const { name, labels, classNames } = data;
    return [part, arrayDataset({ name, dtype: "float32", shape: [196], data: samples, labels, classNames })];
  };
  return Object.fromEntries(await Promise.all(Object.entries(parts).map(reals)));
}

/** @returns ONNX Runtime's outputs as integers of the output's scale, one row for each sample */
async function runtimeRows(runtime, graph, data, all) {
  const session = await runtime.load(exportOnnxInt8(graph));
  const samples = { dtype: data.dtype, shape: [data.length, ...data.shape], data: all };
  const real = (await session.run({ samples })).outputs.logits.data;
  await session.dispose();
  const { scale, zeroPoint } = graph.tensors[graph.output];
  const integers = Array.from(real, (x) => Math.round(x / scale) + zeroPoint);
  const width = integers.length / data.length;
  return Array.from({ length: data.length }, (_, at) => integers.slice(at * width, (at + 1) * width));
}

const largestOf = (row) => row.indexOf(Math.max(...row));

/** @returns shares of values equal and within a step, the largest difference in steps, and the share of equal classes */
function compared(theirs, ours) {
  const steps = theirs.flatMap((row, at) => row.map((q, i) => Math.abs(q - ours[at][i])));
  const share = (holds) => steps.filter(holds).length / steps.length;
  return {
    equal: share((step) => step === 0),
    within: share((step) => step <= 1),
    largest: steps.reduce((most, step) => Math.max(most, step), 0),
    classes: theirs.filter((row, at) => largestOf(row) === largestOf(ours[at])).length / theirs.length,
  };
}

function rowsOf(family, rounding, found, isClassifier) {
  const row = (metric, unit, potstill) => ({
    ...{ case: `onnx-int8 ${family}`, metric: `${metric}, reference "${rounding}"`, unit, potstill },
    ...{ peerName: null, peer: null, ratio: null, threads: 1, machine, date: today() },
  });
  return [
    row("output values equal", "share of 1", found.equal),
    row("output values within a step", "share of 1", found.within),
    row("largest difference", "steps", found.largest),
    ...(isClassifier ? [row("samples of the same class", "share of 1", found.classes)] : []),
  ];
}

const runtime = await nodeRuntime();
const bytes = await digits();
const rows = [];
for (const [family, task] of Object.entries(families)) {
  const isClassifier = task.target === undefined;
  const { train, validation, test } = isClassifier ? bytes : await realDigits(bytes);
  const context = { runtime, folder: values.folder, say: (text) => say(`${family}: ${text}`) };
  const model = await trainedModel(family, task, { train, validation }, context);
  const graph = await quantizeModel(model, { calibration: train, runtime });
  const all = await samplesOf(test);
  const theirs = await runtimeRows(runtime, graph, test, all);
  const q = quantizeSamples(all, graph.sample, graph.tensors[graph.input]);
  const samples = theirs.map((_, at) => q.slice(at * 196, (at + 1) * 196));
  for (const rounding of roundings) {
    const ours = samples.map((sample) => Array.from(runQuantized(graph, sample, rounding)));
    const found = compared(theirs, ours);
    say(`${family}, ${rounding}: ${JSON.stringify(found)}`);
    rows.push(...rowsOf(family, rounding, found, isClassifier));
  }
}
await runtime.close();
writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
