/**
 * @file The peer of labelling: nothing but onnxruntime-node's own run over the same samples, for a float32 input already
 * converted, answers dropped, in rounds as bench/cases/serve.mjs has them.
 * usage: bare-onnxruntime.mjs MODEL.onnx SHAPE SAMPLES THREADS BATCH
 */

import { createRequire } from "node:module";
import { serve } from "../cases/serve.mjs";

process.env.ORT_DISABLE_TELEMETRY ??= "1";
const ort = await import("onnxruntime-node");
const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
const [file, shapeText, samplesText, threads, batchText] = process.argv.slice(2);
const shape = shapeText.split("x").map(Number);
const [samples, batch] = [Number(samplesText), Number(batchText)];
const size = shape.reduce((product, side) => product * side, 1);
const bytes = Uint8Array.from({ length: samples * size }, (_, at) => (at * 2654435761) >>> 24);
const session = await ort.InferenceSession.create(file, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
});
const [name] = session.inputNames;
const { type } = session.inputMetadata[0];
const data = type === "float32" ? new Float32Array(bytes).map((byte) => byte / 255) : bytes;

async function round() {
  const started = performance.now();
  for (let from = 0; from < samples; from += batch) {
    const count = Math.min(batch, samples - from);
    const part = data.subarray(from * size, (from + count) * size);
    await session.run({ [name]: new ort.Tensor(type, part, [count, ...shape]) });
  }
  return { ms: performance.now() - started };
}

await round(); // warm
await serve({ version }, round);
