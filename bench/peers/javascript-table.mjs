/**
 * @file Makes the table of training steps in other JavaScript libraries beside Potstill's, one thread each, once:
 * bench/results/javascript-peers.json. Run `npm run build` first.
 *
 * usage: javascript-table.mjs FOLDER [JSON]
 * FOLDER, outside the repository: npm install @jax-js/jax @tensorflow/tfjs @tensorflow/tfjs-backend-wasm
 */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median, row, runCase } from "../measure.mjs";

const [folder, file = fileURLToPath(new URL("../results/javascript-peers.json", import.meta.url))] = process.argv.slice(2);
const script = fileURLToPath(new URL("./javascript.mjs", import.meta.url));
const limitMs = 90_000;
/** our steps a round, theirs */
const steps = { "mlp-30": [800, 20], "mlp-1200": [40, 4], cnn: [24, 2] };

/** @returns { ms, version }, or { failure } in a line */
function peer(library, name) {
  try {
    const out = execFileSync("node", [script, folder, library, name, String(steps[name][1]), "3"], {
      encoding: "utf8",
      timeout: limitMs,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return JSON.parse(out.slice(out.indexOf('{"ms"')));
  } catch (error) {
    const line = String(error.stderr ?? "").split("\n").find((text) => /Error/.test(text));
    return { failure: error.code === "ETIMEDOUT" ? `no result after ${limitMs / 1000} s` : (line ?? error.message).trim() };
  }
}

const rows = [];
for (const name of Object.keys(steps)) {
  const own = () => median(runCase("training-step", name, 1, steps[name][0], 5).ms);
  for (const library of ["jax", "tfjs-wasm", "tfjs-cpu"]) {
    const before = own();
    const { ms, version, failure } = peer(library, name);
    const potstill = Math.min(before, own());
    const facts = { case: `training step, ${name}`, metric: "time per step", unit: "ms", potstill, threads: 1 };
    const measured = row({ ...facts, peerName: version ?? library, peer: ms === undefined ? null : Math.min(...ms) });
    rows.push(failure === undefined ? measured : { ...measured, ratio: null, failure });
    console.log(JSON.stringify(rows.at(-1)));
    writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
  }
}
