/**
 * @file Rows of labelling into a folder beside nothing but the runtime's own inference on the same .onnx file, at the batch
 * size whose least round is the least: on a busy machine the better median may be that of a slow size.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { row } from "../measure.mjs";
import { alternate, openAll, openCase, openPeer } from "../sides.mjs";

/** sample shape; samples of a full and of a quick round */
const teachers = {
  "mlp-1200": { shape: "784", full: 60000, quick: 16384 },
  "mlp-1200-float": { shape: "784", full: 60000, quick: 16384 },
  cnn: { shape: "1x28x28", full: 16384, quick: 4096 },
};
const batches = [32, 64, 256];
const states = { hashed: "loaded and hashed, as in a run", fresh: "loaded" };

async function* labelling(name, { quick, threads }) {
  const { shape, ...counts } = teachers[name];
  const samples = quick ? counts.quick : counts.full;
  const rounds = quick ? 2 : 15;
  const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
  const file = join(folder, "teacher.onnx");
  try {
    execFileSync("node", [fileURLToPath(new URL("../cases/make-teacher.mjs", import.meta.url)), name, file]);
    for (const count of threads) {
      const sides = await openAll([
        ...Object.keys(states).map((state) => openCase("labelling", file, shape, samples, count, state)),
        ...batches.map((batch) => openPeer("bare-onnxruntime", file, shape, samples, count, batch)),
      ]);
      const times = await alternate(sides, rounds);
      const own = times.slice(0, -batches.length);
      const bare = times.slice(-batches.length).reduce((a, b) => (b.least < a.least ? b : a));
      const rate = (ms) => (1000 * samples) / ms;
      for (const [at, what] of Object.values(states).entries()) yield {
        ...row({
          case: `labelling, ${name}`,
          metric: `labelling ${samples} samples (${what}), shards written, against bare inference at the best of batches ${batches.join(", ")}; aim 0.95`,
          unit: "samples/s",
          potstill: rate(own[at].least),
          peerName: `onnxruntime-node ${sides.at(-1).about.version}, run() alone`,
          peer: rate(bare.least),
          threads: count,
        }),
        medians: { potstill: rate(own[at].median), peer: rate(bare.median), rounds },
      };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const labellingCases = Object.fromEntries(
  Object.keys(teachers).map((name) => [`labelling-${name}`, (options) => labelling(name, options)]),
);
