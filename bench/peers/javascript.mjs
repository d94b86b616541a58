/**
 * @file A training step in two other JavaScript libraries: prints {"ms": [...], "version"} as JSON. Made for one table,
 * bench/results/javascript-peers.json; the libraries are no dependencies of this project.
 *
 * usage: javascript.mjs FOLDER jax|tfjs-cpu|tfjs-wasm mlp-30|mlp-1200|cnn STEPS ROUNDS
 * FOLDER is where they are installed: npm install @jax-js/jax @tensorflow/tfjs @tensorflow/tfjs-backend-wasm
 *
 * The same loss, SGD with momentum 0.9 and batches as torch_step.py; one batch, which is already where the library wants it.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, library, name, steps, rounds] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(folder, "package.json")));
const versionOf = (pkg) => JSON.parse(readFileSync(join(folder, "node_modules", pkg, "package.json"), "utf8")).version;
const [batch, T, rate, momentum] = [name === "cnn" ? 64 : 128, 4, 0.01, 0.9];
const hidden = name === "mlp-30" ? 30 : 1200;
const shapes =
  name === "cnn"
    ? [[32, 1, 3, 3], [32], [64, 32, 3, 3], [64], [3136, 128], [128], [128, 10], [10]]
    : [[784, hidden], [hidden], [hidden, hidden], [hidden], [hidden, 10], [10]];
let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const floats = (length, scale, shift = 0) => Float32Array.from({ length }, () => (random() - shift) * scale);
const size = (shape) => shape.reduce((a, b) => a * b, 1);
const starts = shapes.map((shape) => floats(size(shape), shape.length > 1 ? 0.1 : 0, 0.5));
const pixels = floats(batch * 784, 1);
const teacher = floats(batch * 10, 4);
const hard = Float32Array.from({ length: batch * 10 }, (_, at) => (at % 10 === Math.floor(at / 10) % 10 ? 1 : 0));

async function jaxStep() {
  const { numpy: np, nn, lax, jit, valueAndGrad, init, defaultDevice, tree, blockUntilReady } = await import(
    pathToFileURL(require.resolve("@jax-js/jax")).href
  );
  await init("wasm");
  defaultDevice("wasm");
  const array = (data, shape) => np.array(data, { shape });
  const pool = (x) => lax.reduceWindow(x, np.max, [1, 1, 2, 2], [1, 1, 2, 2]);
  const dense = (x, w, b) => np.dot(x, w).add(b);
  const bias = (b) => b.reshape([1, -1, 1, 1]);
  const conv = (x, w, b) => nn.relu(lax.conv(x, w, [1, 1], "SAME").add(bias(b)));
  const forward = (w, x) => {
    if (name !== "cnn") return dense(nn.relu(dense(nn.relu(dense(x, w[0], w[1])), w[2], w[3])), w[4], w[5]);
    const maps = pool(conv(pool(conv(x, w[0], w[1])), w[2], w[3])).reshape([batch, 3136]);
    return dense(nn.relu(dense(maps, w[4], w[5])), w[6], w[7]);
  };
  const loss = (w, x, y, v) => {
    const z = forward(w, x);
    const p = nn.softmax(v.ref.div(T), -1);
    const kl = p.mul(nn.logSoftmax(v.div(T), -1).sub(nn.logSoftmax(z.ref.div(T), -1))).sum().div(batch);
    const cross = y.mul(nn.logSoftmax(z, -1)).sum().div(-batch);
    return cross.mul(0.1).add(kl.mul(0.9 * T * T));
  };
  const update = jit((w, m, x, y, v) => {
    const [value, g] = valueAndGrad(loss)(tree.ref(w), x, y, v);
    const next = m.map((each, k) => each.mul(momentum).add(g[k]));
    const moved = w.map((each, k) => each.sub(next[k].ref.mul(rate)));
    return [value, moved, next];
  });
  let w = starts.map((data, k) => array(data, shapes[k]));
  let m = shapes.map((shape) => np.zeros(shape));
  const x = array(pixels, name === "cnn" ? [batch, 1, 28, 28] : [batch, 784]);
  const [y, v] = [array(hard, [batch, 10]), array(teacher, [batch, 10])];
  return {
    version: `@jax-js/jax ${versionOf("@jax-js/jax")}, wasm`,
    step: async () => {
      const [value, moved, next] = update(w, m, x.ref, y.ref, v.ref);
      [w, m] = [moved, next];
      await blockUntilReady(value);
      return value;
    },
    read: async (value) => Number(await value.data()),
  };
}

async function tfStep() {
  const tf = require("@tensorflow/tfjs");
  const backend = library.slice("tfjs-".length);
  if (backend === "wasm") require("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend(backend);
  await tf.ready();
  // its images have channels last
  const form = (shape) => (shape.length === 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape);
  const w = starts.map((data, k) => tf.variable(tf.tensor(data, form(shapes[k]))));
  const x = tf.tensor(pixels, name === "cnn" ? [batch, 28, 28, 1] : [batch, 784]);
  const [y, v] = [tf.tensor(hard, [batch, 10]), tf.tensor(teacher, [batch, 10])];
  const dense = (a, k) => a.matMul(w[k]).add(w[k + 1]);
  const maps = (a, k) => tf.maxPool(tf.relu(tf.conv2d(a, w[k], 1, "same").add(w[k + 1])), 2, 2, "valid");
  const forward = () =>
    name === "cnn"
      ? dense(tf.relu(dense(maps(maps(x, 0), 2).reshape([batch, 3136]), 4)), 6)
      : dense(tf.relu(dense(tf.relu(dense(x, 0)), 2)), 4);
  const loss = () => {
    const z = forward();
    const p = tf.softmax(v.div(T));
    const kl = p.mul(tf.logSoftmax(v.div(T)).sub(tf.logSoftmax(z.div(T)))).sum().div(batch);
    return y.mul(tf.logSoftmax(z)).sum().mul(-0.1 / batch).add(kl.mul(0.9 * T * T));
  };
  const optimizer = tf.train.momentum(rate, momentum);
  return {
    version: `@tensorflow/tfjs ${versionOf("@tensorflow/tfjs")}, ${backend}`,
    step: async () => {
      const value = optimizer.minimize(loss, true);
      await value.data();
      return value;
    },
    read: async (value) => (await value.data())[0],
  };
}

const { version, step, read } = library === "jax" ? await jaxStep() : await tfStep();
const first = await read(await step());
await step();
const ms = [];
for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now();
  for (let count = 0; count < Number(steps); count++) await step();
  ms.push((performance.now() - started) / Number(steps));
}
console.log(JSON.stringify({ ms, version, loss: first }));
