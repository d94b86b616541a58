/**
 * @file A whole distillation job with the library's front door: labels, trains, checks, tests and exports the student.
 * Prints {"seconds", "labellingSeconds", "runtime"} as JSON. usage: job.mjs FOLDER HIDDEN EPOCHS THREADS
 *
 * FOLDER holds data.json and what rows/jobs.mjs wrote: samples.bin, labels.bin, and teacher-N.safetensors.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { arrayDataset } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { Distiller, ensembleTeacher, networkTeacher } from "../../dist/distill/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { readModel } from "../../dist/distill/index.js";

const [folder, hidden, epochs, threadsText] = process.argv.slice(2);
const threads = Number(threadsText);
const { samples, validation } = JSON.parse(readFileSync(join(folder, "data.json"), "utf8"));
const bytes = new Uint8Array(readFileSync(join(folder, "samples.bin")));
const labels = new Uint8Array(readFileSync(join(folder, "labels.bin")));
const part = (name, from, to) =>
  arrayDataset({
    name,
    dtype: "uint8",
    shape: [784],
    data: bytes.subarray(from * 784, to * 784),
    labels: labels.subarray(from, to),
    classNames: Array.from({ length: 10 }, (_, index) => String(index)),
  });
const train = part("train", 0, samples);
const validationPart = part("validation", samples, samples + validation);
const test = part("test", samples + validation, samples + 2 * validation);
const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));

const started = performance.now();
const distiller = new Distiller(
  {
    student: { family: "mlp", hidden: [Number(hidden), Number(hidden)] },
    teacher: async (runtime) => {
      const members = [];
      for (const file of files) {
        const model = readModel(new Uint8Array(readFileSync(join(folder, file))), file);
        members.push(await networkTeacher(runtime, model, { threads }));
      }
      return ensembleTeacher(members);
    },
  },
  nodeRuntime,
);
const { result } = await distiller.fit(
  { train, validation: validationPart, test },
  {
    epochs: Number(epochs),
    batchSize: 128,
    optimizer: { name: "sgd", momentum: 0.9 },
    learningRate: 0.01,
    threads,
    seeds: [1],
    arms: ["distilled"],
    store: await folderStore(join(folder, `run-${process.pid}`)),
  },
);
const seconds = (performance.now() - started) / 1000;
const { labellingSeconds } = result;
const accuracy = result.arms[0].runs[0].job.validationAccuracy;
console.log(JSON.stringify({ seconds, labellingSeconds, accuracy }));
