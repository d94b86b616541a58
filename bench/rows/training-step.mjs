/** @file Rows of training steps: Potstill beside the faster of PyTorch's eager mode and torch.compile. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inTurns, median, row, runCase, runTorch, tryTorch } from "../measure.mjs";

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
const repeats = 5;
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

const works = new Map();

/** Tries torch.compile once for each case. @returns undefined, or why it is out */
function compileFailure(name) {
  if (!works.has(name)) works.set(name, tryTorch(compileLimitMs, "torch_step", name, 1, 2, 1, "compile").failure);
  return works.get(name);
}

/**
 * @param steps a round of a case of any name, such as mlp:HIDDEN:BATCH:SAMPLES
 * @returns one row
 */
export function stepRow(name, { threads, steps, rounds, variants, case: shown = label(name), metric = "time per step" }) {
  let torch = "";
  const failure = variants.length > 1 ? compileFailure(name) : undefined;
  const usable = failure === undefined ? variants : ["eager"];
  const best = inTurns(rounds, {
    potstill: () => median(runCase("training-step", name, threads, steps, repeats).ms),
    ...Object.fromEntries(
      usable.map((variant) => [
        variant,
        () => {
          const answers = runTorch(threads, "torch_step", name, threads, steps, repeats, variant);
          torch = answers[0].torch;
          return Math.min(...answers.map(({ ms }) => median(ms)));
        },
      ]),
    ),
  });
  const winner = usable.reduce((a, b) => (best[b] < best[a] ? b : a));
  const way = winner === "compile" ? "torch.compile" : "eager";
  const note = failure === undefined ? "" : ` (torch.compile: ${failure.slice(0, 80)})`;
  return row({
    case: shown,
    metric,
    unit: "ms",
    potstill: best.potstill,
    peerName: `PyTorch ${torch}, ${way}${note}`,
    peer: best[winner],
    threads,
  });
}

/** The way that the recorded full run found faster; eager where that does not run on this machine. */
function quickRow(name, options) {
  const variant = recorded(name, options.threads) ?? "eager";
  try {
    return stepRow(name, { ...options, variants: [variant] });
  } catch (error) {
    if (variant === "eager") throw error;
    console.error(`bench: torch.compile does not run ${name} here; its row is of eager PyTorch`);
    return stepRow(name, { ...options, variants: ["eager"] });
  }
}

export const stepCases = Object.fromEntries(
  Object.entries(stepsOf).map(([name, steps]) => [
    name,
    function* ({ quick, threads }) {
      for (const count of threads)
        yield quick
          ? quickRow(name, { threads: count, steps: Math.ceil(steps / 2), rounds: 1 })
          : stepRow(name, { threads: count, steps, rounds: 4, variants: ["eager", "compile"] });
    },
  ]),
);
