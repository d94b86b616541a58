/**
 * @file Makes what a whole job starts from: the built-in digits at 28x28, repeated, and teachers trained for one epoch.
 * usage: make-job.mjs FOLDER SAMPLES TEACHERS
 *
 * samples.bin: uint8 [SAMPLES + 2000, 784]; labels.bin: uint8; the last 2000 are the digits' own test part, half of it
 * for validation. Each repeat
 * moves the picture by a place or two, so that no two samples are the same. teacher-N.safetensors are Potstill's, and
 * teacher-N.bin the same weights for PyTorch: for each layer float32 kernel [inputs, outputs], then bias.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrayDataset } from "../../dist/data/index.js";
import { loadDigits } from "../../dist/data/sources/index-node.js";
import { runJob } from "../../dist/distill/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { writeModel } from "../../dist/distill/index.js";

const [folder, samplesText, teachersText] = process.argv.slice(2);
const samples = Number(samplesText);
mkdirSync(folder, { recursive: true });
const { train, test } = await loadDigits();

/** @returns uint8 [count, 784]: each 14x14 picture in doubled size, moved by (repeat mod 5, repeat div 5) places */
function enlarged(dataset, count) {
  const out = new Uint8Array(count * 784);
  const picture = new Uint8Array(196);
  for (let row = 0; row < count; row++) {
    dataset.gather(Int32Array.of(row % dataset.length), picture);
    const repeat = Math.floor(row / dataset.length);
    const [down, right] = [Math.floor(repeat / 5) % 5, repeat % 5];
    for (let y = down; y < 28; y++)
      for (let x = right; x < 28; x++)
        out[row * 784 + y * 28 + x] = picture[((y - down) >> 1) * 14 + ((x - right) >> 1)];
  }
  return out;
}

const labelsOf = ({ labels, length }, count) => Uint8Array.from({ length: count }, (_, row) => labels[row % length]);
const pictures = { train: enlarged(train, samples), test: enlarged(test, test.length) };
const labels = { train: labelsOf(train, samples), test: labelsOf(test, test.length) };
const joined = (parts) => Buffer.concat([parts.train, parts.test]);
writeFileSync(join(folder, "samples.bin"), joined(pictures));
writeFileSync(join(folder, "labels.bin"), joined(labels));
writeFileSync(
  join(folder, "data.json"),
  JSON.stringify({ samples, validation: test.length / 2, teachers: Number(teachersText) }),
);

const { classNames } = train;
const dataset = (part) =>
  arrayDataset({ name: part, dtype: "uint8", shape: [784], data: pictures[part], labels: labels[part], classNames });
const runtime = await nodeRuntime();
const [taught, held] = [dataset("train"), dataset("test")];
for (let seed = 1; seed <= Number(teachersText); seed++) {
  const job = runJob(
    {
      id: `teacher-${seed}`,
      network: { family: "mlp", hidden: [1200, 1200] },
      train: taught,
      validation: held,
      training: { epochs: 1, batchSize: 128, optimizer: { name: "sgd", momentum: 0.9 }, learningRate: 0.05, threads: 2 },
      seed,
    },
    { runtime },
  );
  let step = await job.next();
  while (!step.done) step = await job.next();
  const { model } = step.value;
  writeFileSync(join(folder, `teacher-${seed}.safetensors`), writeModel(model));
  const tensors = [...model.weights.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(join(folder, `teacher-${seed}.bin`), Buffer.concat(tensors));
}
await runtime.close();
