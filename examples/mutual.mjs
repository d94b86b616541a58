/**
 * @file Deep mutual learning (Zhang et al. 2018, arXiv:1706.00384): two nets without a teacher, each
 * the other's while both train. Loss of a net: cross-entropy with the labels, and KL from the other
 * net's distribution, which gets no gradient. Beside them the same nets, each alone: same initial
 * weights, same batches, same number of steps. No setting was tuned, for neither.
 *
 * usage: node mutual.mjs [epochs, 40] [seeds, 5] [labelled digits, 1000]
 * in a project with potstill installed, or in a clone after npm run build
 */

import { bootstrapMean, correctSamples } from "potstill/evaluate";
import {
  buildOptimizer,
  compileGraph,
  compileSteps,
  epochOrder,
  gradients,
  hardLabelLoss,
  input,
  loadDigits,
  nodeRuntime,
  softTargetLoss,
  subset,
  tensor,
} from "potstill/node";
import { add, gemm, relu } from "potstill/ops";

const [epochs = 40, seeds = 5, labelled = 1000] = process.argv.slice(2).map(Number);
const [batch, width, classes, pixels] = [50, 100, 10, 196];
const peers = ["left", "right"];
const learningRate = 0.05;

const runtime = await nodeRuntime();
const digits = await loadDigits();
const float = (shape, data) => tensor("float32", shape, data);
const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** every sample's pixels, 0 … 1 */
async function pixelsOf(dataset) {
  const bytes = new Uint8Array(dataset.length * pixels);
  await dataset.gather(Int32Array.from(dataset.labels.keys()), bytes);
  return Float32Array.from(bytes, (byte) => byte / 255);
}

/** One net: placeholders for its weights, and its logits. */
function network(peer, seen) {
  const weights = {};
  const dense = (x, layer, [rows, columns]) => {
    const kernel = input(`${peer}/${layer}/kernel`, "float32", [rows, columns]);
    const bias = input(`${peer}/${layer}/bias`, "float32", [columns]);
    Object.assign(weights, { [kernel.name]: kernel, [bias.name]: bias });
    return gemm(x, kernel, { c: bias });
  };
  const hidden = relu(dense(relu(dense(seen, "first", [pixels, width])), "second", [width, width]));
  return { weights, logits: dense(hidden, "output", [width, classes]) };
}

const samples = input("samples", "float32", [batch, pixels]);
const labels = input("labels", "int32", [batch]);
const nets = peers.map((peer) => network(peer, samples));

/** One step that trains both nets: side by side, or each with the other's distribution too. */
function trainingStep(isMutual) {
  const hard = nets.map(({ logits }) => hardLabelLoss(logits, labels));
  const soft = nets.map(({ logits }, at) =>
    softTargetLoss(logits, nets[1 - at].logits, { temperature: 1 }),
  );
  const losses = hard.map((loss, at) => (isMutual ? add(loss, soft[at]) : loss));
  const weights = Object.assign({}, ...nets.map((net) => net.weights));
  const slopes = gradients(add(...losses), Object.values(weights));
  const { update } = buildOptimizer({ name: "sgd", momentum: 0.9 });
  const state = Object.values(weights).flatMap((parameter, at) => {
    const velocity = input(`velocity of ${parameter.name}`, "float32", parameter.shape);
    const given = { parameter, gradient: slopes[at], slots: { velocity } };
    const after = update({ ...given, learningRate, scalars: {}, weightDecay: 0 });
    return [
      { before: parameter, after: after.parameter },
      { before: velocity, after: after.slots.velocity },
    ];
  });
  const metrics = losses.map((value, at) => ({ name: `loss of ${peers[at]}`, value }));
  return { name: "two peers", state, perStep: [samples, labels], metrics };
}

/** uniform in ±√(6 / rows), from a counter: the same numbers for the same seed */
function firstWeights({ name, shape }, seed) {
  let drawn = [...`${seed} ${name}`].reduce((sum, c) => Math.imul(31, sum) + c.charCodeAt(0), 7);
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    drawn = (drawn + 0x9e3779b9) | 0;
    const mixed = Math.imul(drawn ^ (drawn >>> 16), 0x21f0aaad);
    const uniform = ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
    return name.endsWith("kernel") ? (2 * uniform - 1) * Math.sqrt(6 / shape[0]) : 0;
  });
  return float(shape, data);
}

/** Trains both nets, an epoch a call. @returns all weights */
async function train(session, step, seed, { train: set, images }) {
  let state = Object.fromEntries(
    step.state.map(({ before }) => [before.name, firstWeights(before, seed)]),
  );
  const steps = Math.floor(set.length / batch);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = epochOrder({ length: set.length, seed }, epoch).subarray(0, steps * batch);
    const rows = new Float32Array(order.length * pixels);
    for (const [row, at] of order.entries())
      rows.set(images.subarray(at * pixels, (at + 1) * pixels), row * pixels);
    const { outputs } = await session.run({
      ...state,
      steps: tensor("int64", [], BigInt64Array.of(BigInt(steps))),
      samples: float([steps, batch, pixels], rows),
      labels: tensor(
        "int32",
        [steps, batch],
        order.map((at) => set.labels[at]),
      ),
    });
    state = Object.fromEntries(Object.keys(state).map((name) => [name, outputs[`${name}'`]]));
  }
  return state;
}

const answering = await runtime.load(
  compileGraph({
    name: "two peers",
    inputs: [samples, ...nets.flatMap(({ weights }) => Object.values(weights))],
    outputs: nets.map(({ logits }, at) => ({ name: peers[at], value: logits })),
  }),
);

/** @returns uint8 [test samples] for each net: 1 where it is right */
async function tested(weights, { test, images }) {
  const logits = peers.map(() => new Float32Array(test.length * classes));
  const named = Object.fromEntries(
    nets.flatMap((net) => Object.keys(net.weights).map((name) => [name, weights[name]])),
  );
  for (let from = 0; from < test.length; from += batch) {
    const part = images.slice(from * pixels, (from + batch) * pixels);
    const { outputs } = await answering.run({ ...named, samples: float([batch, pixels], part) });
    for (const [at, peer] of peers.entries()) logits[at].set(outputs[peer].data, from * classes);
  }
  return logits.map((own) => correctSamples(own, test.labels));
}

const few = subset(
  digits.train,
  Array.from({ length: labelled }, (_, at) => at),
  "few digits",
);
const data = { train: few, images: await pixelsOf(few) };
const held = { test: digits.test, images: await pixelsOf(digits.test) };
/** share of a seed's two nets that are right, for each test sample */
const shareRight = (both) => Float64Array.from(both[0], (one, at) => (one + both[1][at]) / 2);
const right = {};
for (const [name, isMutual] of Object.entries({ alone: false, together: true })) {
  const step = trainingStep(isMutual);
  const session = await runtime.load(compileSteps(step));
  right[name] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const weights = await train(session, step, seed, data);
    right[name].push(shareRight(await tested(weights, held)));
  }
  await session.dispose();
  show(`${name}, accuracy in %`, right[name]);
}
const gains = right.together.map((own, seed) => own.map((one, at) => one - right.alone[seed][at]));
show("together - alone, in points", gains);

/** Mean and 95 % interval over seeds and test samples. */
function show(name, values) {
  const interval = Object.entries(bootstrapMean(values));
  const shown = interval.map(([key, value]) => [key, Number((100 * value).toFixed(2))]);
  console.log(JSON.stringify({ name, ...Object.fromEntries(shown) }));
}
await answering.dispose();
await runtime.close();
