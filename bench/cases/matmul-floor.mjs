/**
 * @file The matrix products of a perceptron's training step and nothing else, many rounds a call, as training runs them.
 * Serves rounds as bench/cases/serve.mjs has them. usage: matmul-floor.mjs BATCH:784:1200:1200:10 THREADS STEPS
 *
 * For each layer x [batch, a], W [a, b]: xW; xᵀd of d [batch, b]; and, but for the first layer, dWᵀ. d is the next
 * layer's x: what the numbers are does not matter.
 */

import { writeOnnx } from "../../dist/engine/onnx/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { serve } from "./serve.mjs";

const [text, threads, steps] = process.argv.slice(2);
const [batch, ...sizes] = text.split(":").map(Number);
const layers = sizes.slice(1).map((_, index) => index);

const float = (name, shape) => ({ name, dtype: "float32", shape });
const gemm = (a, b, out, attrs) => ({ type: "Gemm", domain: "", inputs: [a, b], outputs: [out], attrs });
const scalar = (dtype, data) => ({ dtype, shape: [], data });
const weightShape = (k) => [sizes[k], sizes[k + 1]];

/** results of one round, which are the loop's state so that none is left out */
const results = layers.flatMap((k) => [
  float(`z${k}`, [batch, sizes[k + 1]]),
  float(`gW${k}`, weightShape(k)),
  ...(k > 0 ? [float(`gx${k}`, [batch, sizes[k]])] : []),
]);
const named = (suffix) => results.map(({ name, ...rest }) => ({ ...rest, name: `${name}${suffix}` }));
const body = {
  name: "products",
  nodes: [
    { type: "Identity", domain: "", inputs: ["goOn"], outputs: ["goOnToo"], attrs: {} },
    ...layers.flatMap((k) => [
      gemm(`x${k}`, `W${k}`, `z${k}`, {}),
      gemm(`x${k}`, `x${k + 1}`, `gW${k}`, { transA: 1n }),
      ...(k > 0 ? [gemm(`x${k + 1}`, `W${k}`, `gx${k}`, { transB: 1n })] : []),
    ]),
  ],
  inputs: [{ name: "round", dtype: "int64", shape: [] }, { name: "goOn", dtype: "bool", shape: [] }, ...named("-before")],
  outputs: [{ name: "goOnToo", dtype: "bool", shape: [] }, ...results],
  initializers: [],
};
const inputs = [
  ...sizes.map((size, k) => float(`x${k}`, [batch, size])),
  ...layers.map((k) => float(`W${k}`, weightShape(k))),
  ...named("-first"),
];
const model = writeOnnx({
  opset: 21,
  metadata: {},
  graph: {
    name: "matmul-floor",
    nodes: [
      {
        type: "Loop",
        domain: "",
        inputs: ["steps", "yes", ...named("-first").map(({ name }) => name)],
        outputs: named("-last").map(({ name }) => name),
        attrs: { body },
      },
    ],
    inputs: [{ name: "steps", dtype: "int64", shape: [] }, ...inputs],
    outputs: named("-last"),
    initializers: [{ name: "yes", value: scalar("bool", Uint8Array.of(1)) }],
  },
});

const runtime = await nodeRuntime();
const session = await runtime.load(model, { threads: Number(threads) });
const feeds = { steps: scalar("int64", BigInt64Array.of(BigInt(steps))) };
for (const { name, shape } of inputs) {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => ((at * 7919) % 1000) / 1000);
  feeds[name] = await runtime.keep({ dtype: "float32", shape, data });
}
const last = named("-last").map(({ name }) => name);
/** @returns ms a step */
async function round() {
  const started = performance.now();
  const { kept } = await session.run(feeds, last);
  const ms = (performance.now() - started) / Number(steps);
  await runtime.release(Object.values(kept));
  return { ms };
}
await round(); // warm
await serve({ runtime: `${runtime.name} ${runtime.version}` }, round);
await runtime.close();
