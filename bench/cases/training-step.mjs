/** @file One training-step case in Potstill: prints {"ms": [...]} as JSON. usage: training-step.mjs CASE THREADS STEPS ROUNDS */

import { arrayDataset } from "../../dist/data/index.js";
import { softObjective } from "../../dist/distill/objective.js";
import { buildNetwork, initialParameters } from "../../dist/nn/index.js";
import { sgd } from "../../dist/optim/index.js";
import { nodeRuntime } from "../../dist/runtime/node.js";
import { randomStream, zeros } from "../../dist/tensor/index.js";
import { assembleSlabs, buildStep, datasetFeed, openStepRunner, scalarsPart } from "../../dist/train/index.js";

const [name, threads, steps, rounds] = process.argv.slice(2);

/** Same shapes, batch and optimiser as bench/peers/torch_step.py. */
const cases = {
  "mlp-1200": { spec: { family: "mlp", hidden: [1200, 1200] }, shape: [784], batch: 128 },
  "mlp-30": { spec: { family: "mlp", hidden: [30, 30] }, shape: [784], batch: 128 },
  cnn: { spec: { family: "cnn", channels: [32, 64], hidden: [128] }, shape: [1, 28, 28], batch: 64 },
};
const { spec, shape, batch } = cases[name];

const { uniform } = randomStream(0, "bench");
const length = 4096;
const size = shape.reduce((product, side) => product * side, 1);
const dataset = arrayDataset({
  name: "noise",
  dtype: "uint8",
  shape,
  data: Uint8Array.from({ length: length * size }, () => Math.floor(uniform() * 256)),
  labels: Int32Array.from({ length }, () => Math.floor(uniform() * 10)),
  classNames: Array.from("0123456789"),
});
const logits = Float32Array.from({ length: length * 10 }, () => uniform() * 4);
const softLabels = {
  manifest: { members: [{ name: "noise" }], classCount: 10, combine: "arithmetic" },
  logits: (row, _view, into) => (into.set(logits.subarray(row * 10, row * 10 + 10)), into),
};
const rows = Int32Array.from({ length }, (_, index) => index);
const network = buildNetwork(spec, shape, 10);
const { objective, parts } = softObjective({ dataset, batchSize: batch, softLabels, rows, spec: {} });
const step = buildStep({
  name,
  network,
  objective,
  optimizer: sgd({ momentum: 0.9 }),
  sample: dataset,
  preprocessing: dataset.preprocessing,
  batchSize: batch,
});
const feed = datasetFeed({
  dataset,
  batchSize: batch,
  epochs: 100,
  seed: 1,
  parts: [scalarsPart({ learningRate: () => 0.01 }), ...parts],
});
const weights = initialParameters(network.parameters, 1);
const start = new Map(
  step.state.map(({ before }) => [before.name, weights.get(before.name) ?? zeros("float32", before.shape)]),
);
const runtime = await nodeRuntime();
const runner = await openStepRunner(runtime, step, start, { threads: Number(threads) });
const count = Number(steps);
await runner.run(await assembleSlabs(feed, 0, Math.max(3, count >> 2)), Math.max(3, count >> 2));
const ms = [];
for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now();
  const slabs = await assembleSlabs(feed, round * count, count); // assembling counts: PyTorch's indexing does too
  await runner.run(slabs, count);
  ms.push((performance.now() - started) / count);
}
console.log(JSON.stringify({ ms, runtime: `${runtime.name} ${runtime.version}` }));
await runtime.close();
