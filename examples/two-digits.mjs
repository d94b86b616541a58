/**
 * @file A network with two inputs, two outputs, a layer shared by both inputs, a stop-gradient and a
 * learning rate for each layer, distilled. It sees two handwritten digits: output `sum` says what
 * they add up to, output `larger` whether the first is the larger one, without changing the layers
 * that both outputs use.
 *
 * usage: node two-digits.mjs [epochs of the teacher, 20] [epochs of the students, 40]
 * in a project with potstill installed, or in a clone after npm run build
 */

import {
  buildOptimizer,
  compileGraph,
  compileSteps,
  gradients,
  hardLabelLoss,
  input,
  loadDigits,
  nodeRuntime,
  softTargetLoss,
  tensor,
} from "potstill/node";
import { add, concat, gemm, relu, stopGradient } from "potstill/ops";

const [teacherEpochs = 20, studentEpochs = 40] = process.argv.slice(2).map(Number);
const batch = 100;
const classes = { sum: 19, larger: 2 };
const rates = { look: 0.05, join: 0.05, sum: 0.05, larger: 0.1 };
const units = { teacher: 200, student: 16 };

const runtime = await nodeRuntime();
const digits = await loadDigits();
const float = (shape, data) => tensor("float32", shape, data);
const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);
const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));

/** uniform in [0, 1), the same numbers at every run */
let drawn = 0;
function uniform() {
  drawn = (drawn + 0x9e3779b9) | 0;
  const mixed = Math.imul(drawn ^ (drawn >>> 16), 0x21f0aaad);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

// the data: pairs of digits, rows of the inputs and of the labels
async function drawPairs(set, count) {
  const side = async () => {
    const chosen = Int32Array.from({ length: count }, () => Math.floor(uniform() * set.length));
    const bytes = new Uint8Array(count * 196);
    await set.gather(chosen, bytes);
    return {
      pixels: Float32Array.from(bytes, (byte) => byte / 255),
      digits: chosen.map((at) => set.labels[at]),
    };
  };
  const [left, right] = [await side(), await side()];
  const both = (combine) => left.digits.map((digit, at) => combine(digit, right.digits[at]));
  const labels = { sum: both((a, b) => a + b), larger: both((a, b) => Number(a > b)) };
  return { count, left: left.pixels, right: right.pixels, labels };
}

// the network: placeholders for weights and pictures, and what is made of them
function network(width) {
  const shapes = {
    look: [196, width],
    join: [2 * width, width],
    sum: [width, classes.sum],
    larger: [width, classes.larger],
  };
  const weights = {};
  for (const [layer, shape] of Object.entries(shapes)) {
    weights[`${layer}/kernel`] = input(`${layer}/kernel`, "float32", shape);
    weights[`${layer}/bias`] = input(`${layer}/bias`, "float32", [shape[1]]);
  }
  const dense = (x, layer) => gemm(x, weights[`${layer}/kernel`], { c: weights[`${layer}/bias`] });
  const [left, right] = ["left", "right"].map((name) => input(name, "float32", [batch, 196]));
  const seen = concat([relu(dense(left, "look")), relu(dense(right, "look"))], 1);
  const joined = relu(dense(seen, "join"));
  return {
    weights,
    pictures: [left, right],
    outputs: { sum: dense(joined, "sum"), larger: dense(stopGradient(joined), "larger") },
  };
}

/** He's uniform weights; biases of 0. */
function firstWeights({ weights }) {
  return mapped(weights, ({ shape }) => {
    const range = shape.length === 1 ? 0 : Math.sqrt(6 / shape[0]);
    return float(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => (2 * uniform() - 1) * range),
    );
  });
}

/** A training step as one graph: forward, losses, derivatives, each weight's update. */
function trainingStep({ weights, pictures, outputs }, { targets, loss }) {
  const losses = mapped(outputs, (logits, name) => loss(logits, targets[name]));
  const slopes = gradients(add(losses.sum, losses.larger), Object.values(weights));
  const { update } = buildOptimizer({ name: "sgd", momentum: 0.9 });
  const state = Object.entries(weights).flatMap(([name, parameter], at) => {
    const velocity = input(`velocity of ${name}`, "float32", parameter.shape);
    const learningRate = rates[name.split("/")[0]];
    const slots = { velocity };
    const after = update({
      parameter,
      gradient: slopes[at],
      slots,
      learningRate,
      scalars: {},
      weightDecay: 0,
    });
    return [
      { before: parameter, after: after.parameter },
      { before: velocity, after: after.slots.velocity },
    ];
  });
  const metrics = Object.entries(losses).map(([name, value]) => ({
    name: `loss of ${name}`,
    value,
  }));
  return { name: "two digits", state, perStep: [...pictures, ...Object.values(targets)], metrics };
}

/** Trains on pairs drawn anew for each epoch, an epoch a call. @returns the weights */
async function train(net, objective, epochs) {
  const step = trainingStep(net, objective);
  const session = await runtime.load(compileSteps(step));
  let state = Object.fromEntries(
    step.state.map(({ before }) => [
      before.name,
      float(before.shape, new Float32Array(sizeOf(before.shape))),
    ]),
  );
  Object.assign(state, firstWeights(net));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const pairs = await drawPairs(digits.train, 10_000);
    const steps = pairs.count / batch;
    const { outputs } = await session.run({
      ...state,
      steps: tensor("int64", [], BigInt64Array.of(BigInt(steps))),
      left: float([steps, batch, 196], pairs.left),
      right: float([steps, batch, 196], pairs.right),
      ...(await objective.feeds(pairs, steps)),
    });
    state = mapped(state, (_, name) => outputs[`${name}'`]);
  }
  await session.dispose();
  return mapped(net.weights, (_, name) => state[name]);
}

/** @returns a function from pairs to logits [pairs, classes] of both outputs */
async function predictor({ weights, pictures, outputs }, trained) {
  const graph = {
    name: "two digits",
    inputs: [...pictures, ...Object.values(weights)],
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
  };
  const session = await runtime.load(compileGraph(graph));
  return async ({ count, left, right }) => {
    const logits = mapped(classes, (size) => new Float32Array(count * size));
    for (let from = 0; from < count; from += batch) {
      const part = (pixels) => float([batch, 196], pixels.slice(from * 196, (from + batch) * 196));
      const answer = await session.run({ ...trained, left: part(left), right: part(right) });
      for (const [name, rows] of Object.entries(logits))
        rows.set(answer.outputs[name].data, from * classes[name]);
    }
    return logits;
  };
}

// what is minimised for both outputs: cross-entropy with labels, or KL to a teacher's soft labels
const fromLabels = {
  targets: mapped(classes, (_, name) => input(`label of ${name}`, "int32", [batch])),
  loss: hardLabelLoss,
  feeds: ({ labels }, steps) =>
    Object.fromEntries(
      Object.entries(labels).map(([name, rows]) => [
        `label of ${name}`,
        tensor("int32", [steps, batch], rows),
      ]),
    ),
};
const fromTeacher = (ask) => ({
  targets: mapped(classes, (size, name) => input(`teacher's ${name}`, "float32", [batch, size])),
  loss: (logits, teacherLogits) => softTargetLoss(logits, teacherLogits, { temperature: 2 }),
  feeds: async (pairs, steps) =>
    Object.fromEntries(
      Object.entries(await ask(pairs)).map(([name, rows]) => [
        `teacher's ${name}`,
        float([steps, batch, classes[name]], rows),
      ]),
    ),
});

/** @returns share of the test pairs that each output gets right, in % */
async function tested(ask, pairs) {
  const logits = await ask(pairs);
  return mapped(classes, (size, name) => {
    const right = pairs.labels[name].filter((label, at) => {
      const row = logits[name].subarray(at * size, (at + 1) * size);
      return row.indexOf(Math.max(...row)) === label;
    });
    return Number(((100 * right.length) / pairs.count).toFixed(1));
  });
}

const teacherNet = network(units.teacher);
const teacher = await predictor(teacherNet, await train(teacherNet, fromLabels, teacherEpochs));
const studentNet = network(units.student);
const distilled = await predictor(
  studentNet,
  await train(studentNet, fromTeacher(teacher), studentEpochs),
);
const scratch = await predictor(studentNet, await train(studentNet, fromLabels, studentEpochs));
const pairs = await drawPairs(digits.test, 10_000);
for (const [name, ask] of Object.entries({ teacher, distilled, scratch }))
  console.log(JSON.stringify({ name, ...(await tested(ask, pairs)) }));
await runtime.close();
