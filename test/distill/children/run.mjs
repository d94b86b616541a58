/**
 * @file A small distillation in a folder, in a process of its own that can be killed at a chosen moment.
 *
 * argv: the folder, and a plan as JSON: {} or { kill: { at: "shard" | "checkpoint" | "export" | "call", moment } }, with
 * moment "half" (half of the file is on disk), "begun" (the write is under way) or "done" (it has just ended).
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  arrayDataset,
  folderStore,
  functionTeacher,
  nodeRuntime,
  runDistillation,
} from "../../../dist/index-node.js";

const [folder, plan] = process.argv.slice(2);
const { kill } = JSON.parse(plan);
const die = () => process.kill(process.pid, "SIGKILL");

/** The same numbers in every process. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function stripes(name, seed, samples) {
  const next = numbers(seed);
  const labels = Int32Array.from({ length: samples }, () => Math.floor(next() * 3));
  const data = Uint8Array.from({ length: samples * 36 }, (_, at) => {
    const bright = Math.floor((at % 6) / 2) === labels[Math.floor(at / 36)] ? 60 : 0;
    return bright + Math.floor(next() * 190);
  });
  const classNames = ["left", "middle", "right"];
  return arrayDataset({ name, dtype: "uint8", shape: [1, 6, 6], data, labels, classNames });
}

const teacher = functionTeacher({
  name: "columns",
  hash: "1",
  classCount: 3,
  batchSize: 16,
  concurrency: 1,
  samplesPerShard: 64,
  ask: async ({ samples, keys }) => ({
    logits: keys.map((_, row) => {
      const z = [0, 0, 0];
      for (let at = 0; at < 36; at++)
        z[Math.floor((at % 6) / 2)] += (samples.data[row * 36 + at] - 95) / 256;
      return z;
    }),
  }),
});

const patterns = { shard: /shards\//, checkpoint: /checkpoint\//, export: /^exports\// };

/** Dies at the first file of the plan's kind, at the plan's moment. */
function mortal(store) {
  const pattern = patterns[kill?.at];
  if (pattern === undefined) return store;
  const write = async (name, bytes) => {
    if (!pattern.test(name)) return store.write(name, bytes);
    if (kill.moment === "half") {
      const file = join(folder, `${name}.partial`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes.subarray(0, bytes.length / 2));
      die();
    }
    const written = store.write(name, bytes);
    if (kill.moment === "begun") setTimeout(die, 1);
    await written;
    die();
  };
  return { ...store, write };
}

/** Dies while a call that runs many steps is under way: the timer asks, and waits for the next call if that one is over. */
function mortalRuntime(runtime) {
  if (kill?.at !== "call") return runtime;
  let calls = 0;
  const load = async (model, options) => {
    const session = await runtime.load(model, options);
    const run = async (feeds, keep) => {
      const steps = feeds.steps === undefined ? 0 : Number(feeds.steps.data[0]);
      if (steps > 8) calls += 1;
      let isOver = steps <= 8 || calls < 3;
      setTimeout(() => !isOver && die(), kill.afterMs);
      const result = await session.run(feeds, keep);
      isOver = true;
      return result;
    };
    return { ...session, run };
  };
  return { ...runtime, load };
}

const runtime = mortalRuntime(await nodeRuntime());
const store = mortal(await folderStore(folder));
process.stdout.write("ready\n");
const run = runDistillation({
  runtime,
  data: {
    train: stripes("train", 1, 384),
    validation: stripes("validation", 2, 48),
    test: stripes("test", 3, 48),
  },
  teacher: { kind: "given", teacher },
  student: { family: "mlp", hidden: [160, 160], dropout: 0.2 },
  training: { epochs: 10, batchSize: 4, learningRate: { kind: "cosine", value: 0.003 } },
  labels: { views: 2, augmentation: { shift: 1 }, withInputs: true },
  seeds: [1],
  arms: ["distilled", "scratch"],
  store,
  createdBy: "test",
  checkpointSeconds: 0,
});
for (;;) {
  const { done, value } = await run.next();
  if (done !== true) continue;
  await store.write("exports/student.onnx", value.student.bytes);
  await store.write("exports/checks.json", new TextEncoder().encode(JSON.stringify(value.checks)));
  break;
}
process.exit(0);
