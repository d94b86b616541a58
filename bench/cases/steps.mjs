/** @file The training steps that are timed and profiled, each with data of its own. */

import { arrayDataset } from "../../dist/data/index.js";
import { softObjective } from "../../dist/distill/objective.js";
import { buildNetwork, initialParameters } from "../../dist/engine/nn/index.js";
import { sgd } from "../../dist/engine/optim/index.js";
import { randomStream, zeros } from "../../dist/engine/tensor/index.js";
import { buildStep } from "../../dist/engine/train/index.js";
import { datasetFeed, scalarsPart } from "../../dist/distill/training/dataset-feed.js";

/** Same shapes, batch and optimiser as bench/peers/torch_step.py. */
const cases = {
  "mlp-1200": { spec: { family: "mlp", hidden: [1200, 1200] }, shape: [784], batch: 128 },
  deep: { spec: { family: "mlp", hidden: [400, 400, 400, 400] }, shape: [1040], batch: 128 },
  "deep-dead": { spec: { family: "mlp", hidden: [400, 400, 400, 400] }, shape: [1040], batch: 128, dead: 0.3 },
  "mlp-30": { spec: { family: "mlp", hidden: [30, 30] }, shape: [784], batch: 128 },
  cnn: { spec: { family: "cnn", channels: [32, 64], hidden: [128] }, shape: [1, 28, 28], batch: 64 },
  resnet8: { spec: { family: "resnet8" }, shape: [3, 32, 32], batch: 64 },
  "ds-cnn": { spec: { family: "dsCnn" }, shape: [1, 49, 10], batch: 64, classes: 12 },
  "ds-cnn-16": { spec: { family: "dsCnn", channels: 16 }, shape: [1, 49, 10], batch: 64, classes: 12 },
  "gru-128": { spec: { family: "gru", units: [128, 128] }, shape: [49, 40], batch: 64, classes: 12 },
  "gru-32": { spec: { family: "gru", units: [32] }, shape: [49, 40], batch: 64, classes: 12 },
  transformer: {
    spec: { family: "tinyTransformer", vocabulary: 1000 },
    shape: [64],
    batch: 32,
    vocabulary: 1000,
  },
};
/** @returns the case of a name */
function caseOf(text) {
  if (!text.startsWith("mlp:")) return { length: 4096, ...cases[text] };
  const [hidden, batch, length] = text.split(":").slice(1).map(Number);
  return { spec: { family: "mlp", hidden: [hidden, hidden] }, shape: [784], batch, length };
}
/** @returns the step of a case, its data, and the state that it starts from */
export function stepOf(name) {
  const { spec, shape, batch, classes = 10, vocabulary, length, dead = 0 } = caseOf(name);

  const { uniform } = randomStream(0, "bench");
  const size = shape.reduce((product, side) => product * side, 1);
  const numbers = { length: length * size };
  const dataset = arrayDataset({
    name: "noise",
    shape,
    ...(vocabulary === undefined
      ? { dtype: "uint8", data: Uint8Array.from(numbers, () => Math.floor(uniform() * 256)) }
      : { dtype: "float32", data: Float32Array.from(numbers, () => Math.floor(uniform() * vocabulary)) }),
    labels: Int32Array.from({ length }, () => Math.floor(uniform() * classes)),
    classNames: Array.from({ length: classes }, (_, index) => String(index)),
  });
  const logits = Float32Array.from({ length: length * classes }, () => uniform() * 4);
  const members = [{ name: "noise", kind: "logits" }];
  const softLabels = {
    manifest: { members, classNames: dataset.classNames, classCount: classes, combine: "arithmetic" },
    logits: (row, _view, into) => (into.set(logits.subarray(row * classes, (row + 1) * classes)), into),
  };
  const rows = Int32Array.from({ length }, (_, index) => index);
  const network = buildNetwork(spec, shape, classes);
  const { objective, parts } = softObjective({ dataset, batchSize: batch, softLabels, rows, spec: {} });
  const step = buildStep({
    name: "bench",
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
  if (dead > 0) for (const layer of spec.hidden.keys()) if (layer > 0) kill(start, `hidden${layer + 1}`, dead);
  return { step, feed, start };
}

/** A share of a layer's units as they are long after they have died: no input wakes them, and their momentum has faded. */
function kill(start, layer, share) {
  const { data: bias } = start.get(`${layer}/bias`);
  const { data: velocity } = start.get(`velocity:${layer}/kernel`);
  const isDead = (unit) => unit % 10 < 10 * share;
  for (const unit of bias.keys()) if (isDead(unit)) bias[unit] = -1e6;
  for (const at of velocity.keys()) if (isDead(at % bias.length)) velocity[at] = 4 * 2 ** -149; // times 0.9 is that again
}
