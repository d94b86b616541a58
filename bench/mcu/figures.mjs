/**
 * @file What trained networks of MLPerf Tiny's architectures take of a Cortex-M4 and other cores, beside TensorFlow Lite
 * Micro's published architecture figures; and what int8 costs them in accuracy.
 *
 * usage: npm run build && node bench/mcu/figures.mjs [--only NAME] [--folder runs/mcu-figures] [--json FILE]
 *
 * Trained networks are kept in the folder: stopped at any time, it goes on. Every output byte of every run is compared with
 * the integer reference, and the script ends where one differs. Instructions are of the worst sample; all samples of the
 * validation split up to 200 are run on the M4, 8 on the other cores. The test split decides nothing and gives accuracies.
 * Where CMSIS_NN_SOURCE names a copy of CMSIS-NN, an M55 with its Helium kernels is among the cores, beside plain C on it.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildCmsisNn, cortexM55 } from "../../dist/app/cli/mcu/cmsis-nn.js";
import { cores } from "../../dist/distill/boards/cores.js";
import { hearingProgram } from "../../dist/app/cli/mcu/front-end-program.js";
import { emulate, linkImage } from "../../dist/app/cli/mcu/image.js";
import { installCommand, missingFor } from "../../dist/app/cli/mcu/toolchain.js";
import { modelLogits } from "../../dist/distill/index.js";
import { accuracy } from "../../dist/distill/metrics/index.js";
import { exportC, exportFrontEnd, inMemoryOrder } from "../../dist/device/export/index.js";
import { softmax } from "../../dist/engine/ops/index.js";
import { imageOf, planFrontEnd, quantizeGraph, quantizeSamples, runQuantized } from "../../dist/device/quantize/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { bytesOf, elementCount } from "../../dist/engine/tensor/index.js";
import { inferenceGraph } from "../../dist/engine/train/index.js";
import { networkOf } from "../../dist/distill/index.js";
import { today } from "../machine.mjs";
import { tasks } from "./tasks.mjs";
import { meanSquared, samplesOf, trainedModel } from "./training.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    folder: { type: "string", default: "runs/mcu-figures" },
    json: { type: "string", default: fileURLToPath(new URL("../results/mcu.json", import.meta.url)) },
  },
});
const m4Samples = 200;
const otherSamples = 8;
const testSamples = 1000;

/** TensorFlow Lite Micro with CMSIS-NN, release build with MLPerf's own weights, same emulator: docs/mcu.md. */
const peers = {
  autoencoder: { instructions: 581_868, flashBytes: 309_500, arenaBytes: 2_580 },
  "ds-cnn": { instructions: 7_700_916, flashBytes: 109_100, arenaBytes: 22_820 },
  "resnet-8": { instructions: 29_592_236, flashBytes: 157_100, arenaBytes: 54_996 },
  "mobilenet-0.25": { instructions: 24_198_182, flashBytes: 388_500, arenaBytes: 100_708 },
  "sine mlp": { instructions: 3_461, flashBytes: 32_600, arenaBytes: 772 },
};

const say = (text) => console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`);
const m4 = "Cortex-M4, QEMU mps2-an386, gcc -O2";

function row(name, metric, unit, potstill, { peerName = null, peer = null, machine = m4, better = "less" } = {}) {
  const ratio = peer === null ? null : better === "less" ? peer / potstill : potstill / peer;
  return { case: `mcu ${name}`, metric, unit, potstill, peerName, peer, ratio, threads: 1, machine, date: today() };
}

/** A classifier ends in softmax, as MLPerf's do. */
async function quantized(model, task, calibration, runtime) {
  const { sample, preprocessing, weights } = model;
  const graph = inferenceGraph({ network: networkOf(model), sample, preprocessing, batchSize: 1, weights });
  const [{ name, value }] = graph.outputs;
  const outputs = task.target === undefined ? [{ name, value: softmax(value) }] : graph.outputs;
  return quantizeGraph({ ...graph, outputs }, { calibration, runtime });
}

function integerSamples(graph, all, size, count) {
  const q = quantizeSamples(all.subarray(0, count * size), graph.sample, graph.tensors[graph.input]);
  return Array.from({ length: count }, (_, at) => q.slice(at * size, (at + 1) * size));
}

/** Runs samples on a core. @throws Error if a byte differs from the reference */
function measured(graph, program, samples, emulation, library) {
  const [from, to] = [graph.input, graph.output].map((at) => imageOf(graph.tensors[at].shape));
  const run = emulate(
    { files: program.files, name: "student", emulation, library },
    samples.map((sample) => bytesOf(inMemoryOrder(sample, from))),
  );
  const expected = Buffer.concat(samples.map((sample) => bytesOf(inMemoryOrder(runQuantized(graph, sample), to))));
  if (!expected.equals(Buffer.from(run.outputs))) throw new Error(`${emulation.machine}: an output byte differs`);
  return run;
}

/** @returns the image of the network with the log-mel in front of it, in KiB */
function hearingImage(frontEnd, graph, program, emulation) {
  const plan = planFrontEnd({ ...frontEnd, sample: graph.sample, input: graph.tensors[graph.input] });
  const whole = hearingProgram(program, { plan, ...exportFrontEnd(plan, "student") }, "student");
  const image = linkImage({ files: whole.program.files, name: whole.name, emulation });
  return { flash: image.flashBytes / 1024, ram: image.ramBytes / 1024 };
}

/** CMSIS-NN compiled for the M55, once; undefined where there is no copy of it */
const cmsisNn = (() => {
  const source = process.env.CMSIS_NN_SOURCE;
  if (source === undefined) return;
  const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8" });
  return buildCmsisNn({ source, folder: `${values.folder}/cmsis-nn`, emulation: cortexM55, run });
})();

/** @returns the row of one network on an M55, with CMSIS-NN beside plain C */
function heliumRow(name, graph, program, samples) {
  const most = (library) => Math.max(...measured(graph, program, samples, cortexM55, library).instructions);
  const machine = `Cortex-M55, QEMU ${cortexM55.machine}, gcc -O2, CMSIS-NN -Ofast`;
  const plain = { peerName: "the same C without CMSIS-NN", peer: most(undefined), machine };
  return row(name, "instructions, calls of CMSIS-NN", "instructions", most(cmsisNn), plain);
}

/** @returns rows of one network on all cores */
function costRows(name, graph, samples, frontEnd) {
  const program = exportC(graph);
  const peerName = "TensorFlow Lite Micro with CMSIS-NN";
  const of = (metric) => ({ peerName, peer: peers[name][metric] });
  const rows = [];
  for (const [core, { title, emulation, path }] of Object.entries(cores)) {
    const missing = missingFor(emulation);
    if (missing.length > 0) {
      say(`${name}: ${title} left out: ${installCommand(missing)}`);
      continue;
    }
    const isM4 = core === "cortex-m4";
    const run = measured(graph, program, samples.slice(0, isM4 ? m4Samples : otherSamples), emulation);
    const machine = isM4 ? m4 : `${title}, QEMU ${emulation.machine}, gcc -O2`;
    rows.push(
      row(name, "instructions", "instructions", Math.max(...run.instructions), {
        machine,
        ...(isM4 ? of("instructions") : {}),
      }),
    );
    if (!isM4) continue;
    const image = linkImage({ files: program.files, name: "student", emulation });
    rows.push(
      row(name, "instructions, fewest of all samples", "instructions", Math.min(...run.instructions)),
      row(name, "flashBytes", "bytes", run.objectBytes, of("flashBytes")),
      row(name, "arenaBytes", "bytes", program.arenaBytes[path], of("arenaBytes")),
      row(name, "linked image, start-up and model", "KiB", image.flashBytes / 1024),
      row(name, "RAM of the linked image", "KiB", image.ramBytes / 1024),
      row(name, "stack, high-water mark", "bytes", run.stackBytes),
    );
    if (frontEnd === undefined) continue;
    const { flash, ram } = hearingImage(frontEnd, graph, program, emulation);
    rows.push(
      row(name, "linked image, start-up, model and log-mel front end", "KiB", flash),
      row(name, "RAM of the linked image with front end", "KiB", ram),
    );
  }
  if (cmsisNn !== undefined) rows.push(heliumRow(name, graph, program, samples.slice(0, otherSamples)));
  return rows;
}

/** Area under the curve of clips' mean errors: the chance that an anomaly's is above a normal one's. */
function anomalyAuc(errors, labels, perClip) {
  const clips = Array.from({ length: errors.length / perClip }, (_, at) => ({
    score: errors.slice(at * perClip, (at + 1) * perClip).reduce((a, b) => a + b, 0),
    isAnomaly: labels[at * perClip] === 1,
  }));
  const [bad, good] = [true, false].map((kind) => clips.filter(({ isAnomaly }) => isAnomaly === kind));
  const wins = bad.flatMap((b) => good.map((g) => (b.score > g.score ? 1 : b.score === g.score ? 0.5 : 0)));
  return wins.reduce((a, b) => a + b, 0) / wins.length;
}

/** @returns rows of float beside int8 on the test split */
async function qualityRows(name, task, model, graph, test, runtime) {
  const size = elementCount(test.shape);
  const all = await samplesOf(test);
  const perClip = task.windowsPerClip;
  const length = Math.min(perClip === undefined ? testSamples : test.length, test.length);
  const float = (await modelLogits(runtime, model, test)).subarray(0, (length * model.classNames.length) | 0);
  const { scale, zeroPoint } = graph.tensors[graph.output];
  const int8 = Float32Array.from(
    integerSamples(graph, all, size, length).flatMap((sample) =>
      Array.from(runQuantized(graph, sample), (q) => scale * (q - zeroPoint)),
    ),
  );
  const labels = test.labels.slice(0, length);
  const about = (metric, unit, of, better) =>
    row(name, `${metric}, int8, ${length} test samples: ${task.about}`, unit, of(int8), {
      peerName: "the same network in float32",
      peer: of(float),
      better,
    });
  if (task.target === undefined) return [about("accuracy", "share", (out) => accuracy(out, labels), "more")];
  const expected = task.target(all.subarray(0, length * size));
  const rows = [about("mean squared error", "squared units", (out) => meanSquared(out, expected), "less")];
  if (perClip === undefined) return rows;
  const errors = (out) =>
    Array.from({ length }, (_, at) =>
      meanSquared(out.subarray(at * size, (at + 1) * size), expected.subarray(at * size, (at + 1) * size)),
    );
  return [...rows, about("area under the curve", "share", (out) => anomalyAuc(errors(out), labels, perClip), "more")];
}

mkdirSync(values.folder, { recursive: true });
const runtime = await nodeRuntime();
const rows = [];
for (const [name, task] of Object.entries(tasks(runtime))) {
  if (values.only !== undefined && values.only !== name) continue;
  const file = `${values.folder}/${name}.rows.json`;
  if (!existsSync(file)) {
    say(`${name}: ${task.about}`);
    const data = await task.data();
    const context = { runtime, folder: values.folder, say: (text) => say(`${name}: ${text}`) };
    const model = await trainedModel(name, task, data, context);
    const graph = await quantized(model, task, data.train, runtime);
    const { validation } = data;
    const count = Math.min(m4Samples, validation.length);
    const samples = integerSamples(graph, await samplesOf(validation), elementCount(validation.shape), count);
    const own = [
      ...costRows(name, graph, samples, data.frontEnd),
      ...(await qualityRows(name, task, model, graph, data.test, runtime)),
    ];
    writeFileSync(file, JSON.stringify(own));
  }
  const own = JSON.parse(readFileSync(file, "utf8"));
  for (const { metric, potstill, unit, peer, machine } of own)
    console.log(`${name.padEnd(15)} ${metric.padEnd(60)} ${potstill} ${unit}, peer ${peer}, ${machine}`);
  rows.push(...own);
}
await runtime.close();
if (values.only === undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
