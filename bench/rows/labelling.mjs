/** @file Rows of labelling into a folder beside nothing but the runtime's own inference on the same .onnx file. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTurns, row, runCase, runPeer } from "../measure.mjs";

/** sample shape; samples of a full and of a quick round */
const teachers = {
  "mlp-1200": { shape: "784", full: 60000, quick: 16384 },
  cnn: { shape: "1x28x28", full: 16384, quick: 4096 },
};
const batches = [64, 256];
const states = { hashed: "loaded and hashed, as in a run", fresh: "loaded" };

function* labelling(name, { quick, threads }) {
  const { shape, ...counts } = teachers[name];
  const samples = quick ? counts.quick : counts.full;
  const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
  const file = join(folder, "teacher.onnx");
  try {
    execFileSync("node", [fileURLToPath(new URL("../cases/make-teacher.mjs", import.meta.url)), name, file]);
    for (const count of threads) {
      let version = "";
      const best = inTurns(
        quick ? 1 : 3,
        {
          ...Object.fromEntries(
            Object.keys(states).map((state) => [
              state,
              () => Math.max(...runCase("labelling", file, shape, samples, count, quick ? 2 : 3, state).samplesPerSecond),
            ]),
          ),
          ...Object.fromEntries(
            batches.map((batch) => [
              batch,
              () => {
                const bare = runPeer("bare-onnxruntime", file, shape, samples, count, quick ? 2 : 3, batch);
                version = bare.version;
                return Math.max(...bare.samplesPerSecond);
              },
            ]),
          ),
        },
        Math.max,
      );
      for (const [state, what] of Object.entries(states)) yield row({
        case: `labelling, ${name}`,
        metric: `labelling ${samples} samples (${what}), shards written, against bare inference at the better of batch ${batches.join(" and ")}; aim 0.95`,
        unit: "samples/s",
        potstill: best[state],
        peerName: `onnxruntime-node ${version}, run() alone`,
        peer: Math.max(...batches.map((batch) => best[batch])),
        threads: count,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const labellingCases = Object.fromEntries(
  Object.keys(teachers).map((name) => [`labelling-${name}`, (options) => labelling(name, options)]),
);
