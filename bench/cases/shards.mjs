/**
 * @file Trains a perceptron from data in memory, or from shards on disk: prints {"ms": [...], "reads"} as JSON, one time
 * for each epoch. usage: shards.mjs memory|shards HIDDEN SAMPLES THREADS EPOCHS
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShards, writeShards } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { runJob } from "../../dist/distill/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { noise } from "./models.mjs";

const [where, hidden, samples, threads, epochs] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
const inMemory = noise(Number(samples), [784]);
const store = await folderStore(folder);
if (where === "shards") await writeShards(inMemory, store, { shardBytes: 2048 * 784 });
const train = where === "shards" ? await openShards(store) : inMemory;
const runtime = await nodeRuntime();
const job = {
  id: "bench",
  network: { family: "mlp", hidden: [Number(hidden), Number(hidden)] },
  train,
  validation: noise(64, [784]),
  training: {
    epochs: Number(epochs),
    batchSize: 128,
    threads: Number(threads),
    optimizer: { name: "sgd", momentum: 0.9 },
    learningRate: 0.001,
  },
  seed: 1,
};
const ms = [];
let started = performance.now();
for await (const event of runJob(job, { runtime }))
  if (event.type === "epoch") {
    ms.push(performance.now() - started);
    started = performance.now();
  }
console.log(JSON.stringify({ ms, reads: train.cache?.().reads ?? 0 }));
await runtime.close();
rmSync(folder, { recursive: true });
