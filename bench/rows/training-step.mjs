/** @file Rows of training steps: Potstill beside the faster of PyTorch's eager mode and torch.compile. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { row } from "../measure.mjs";
import { alternate, openCase, openTorch } from "../sides.mjs";

/** steps a round; enough for about half a second */
const stepsOf = {
  "mlp-30": 800,
  "ds-cnn-16": 60,
  "gru-32": 40,
  "mlp-1200": 40,
  cnn: 24,
  "ds-cnn": 16,
  resnet8: 10,
  "gru-128": 8,
  transformer: 10,
};
/** what compiling and a few steps may take */
const compileLimitMs = 240_000;

const label = (name) => `training step, ${name}`;

/** @returns which way of PyTorch's a full run found to be faster; undefined if there was none */
function recorded(name, threads) {
  const file = fileURLToPath(new URL("../results/bench.json", import.meta.url));
  const rows = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
  const found = rows.find((known) => known.case === label(name) && known.threads === threads);
  return found && (/, torch\.compile$/.test(found.peerName) ? "compile" : "eager");
}

/** Opens PyTorch's sides. @returns them, and why torch.compile is out if it is */
async function openPeers(name, threads, steps, variants) {
  const sides = [];
  let failure;
  for (const variant of variants)
    for (const blas of threads === 1 ? [1] : [1, 2]) {
      const options = { blas, ...(variant === "compile" && { timeoutMs: compileLimitMs }) };
      try {
        const side = await openTorch(options, "torch_step", name, threads, steps, 0, variant);
        sides.push({ variant, ...side });
      } catch (error) {
        if (variants.length === 1) throw error;
        failure = error.message.trim();
        break;
      }
    }
  return { sides, failure };
}

/**
 * @param steps a round of a case of any name, such as mlp:HIDDEN:BATCH:SAMPLES
 * @returns one row: the best round of each side, the best of PyTorch's variants and BLAS threads
 */
export async function stepRow(name, { threads, steps, rounds, variants, case: shown = label(name), metric = "time per step" }) {
  const own = await openCase("training-step", name, threads, steps);
  const { sides, failure } = await openPeers(name, threads, steps, variants).catch((error) => {
    own.close();
    throw error;
  });
  const [potstill, ...peers] = await alternate([own, ...sides], rounds);
  for (const side of [own, ...sides]) side.close();
  const at = peers.reduce((best, { least }, i) => (least < peers[best].least ? i : best), 0);
  const { variant, about } = sides[at];
  const way = variant === "compile" ? "torch.compile" : "eager";
  const note = failure === undefined ? "" : ` (torch.compile: ${failure.slice(0, 80)})`;
  return {
    ...row({
      case: shown,
      metric,
      unit: "ms",
      potstill: potstill.least,
      peerName: `PyTorch ${about.torch}, ${way}${note}`,
      peer: peers[at].least,
      threads,
    }),
    medians: { potstill: potstill.median, peer: peers[at].median, rounds },
  };
}

/** The way that the recorded full run found faster; eager where that does not run on this machine. */
async function quickRow(name, options) {
  const variant = recorded(name, options.threads) ?? "eager";
  try {
    return await stepRow(name, { ...options, variants: [variant] });
  } catch (error) {
    if (variant === "eager") throw error;
    console.error(`bench: torch.compile does not run ${name} here; its row is of eager PyTorch`);
    return stepRow(name, { ...options, variants: ["eager"] });
  }
}

export const stepCases = Object.fromEntries(
  Object.entries(stepsOf).map(([name, steps]) => [
    name,
    async function* ({ quick, threads }) {
      for (const count of threads)
        yield quick
          ? quickRow(name, { threads: count, steps: Math.ceil(steps / 2), rounds: 5 })
          : stepRow(name, { threads: count, steps, rounds: 15, variants: ["eager", "compile"] });
    },
  ]),
);
