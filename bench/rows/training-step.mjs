/** @file Rows of training steps: Potstill beside the faster of PyTorch's eager mode and torch.compile. */

import { row } from "../measure.mjs";
import { alternate, openAll, openCase, openTorch } from "../sides.mjs";

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

/** A side, or the reason why there is none. */
const tryOpen = (opening) => opening.catch((error) => ({ failure: error.message.trim() }));

/** Opens PyTorch with so many threads, in each way and with each number of BLAS threads that may be best. */
function openPeers(name, threads, steps, variants) {
  return variants.flatMap((variant) =>
    (threads === 1 ? [1] : [1, 2]).map(async (blas) => {
      const options = { blas, ...(variant === "compile" && { timeoutMs: compileLimitMs }) };
      const opening = openTorch(options, "torch_step", name, threads, steps, 0, variant);
      // without eager PyTorch there is no row; torch.compile may be missing
      return { threads, variant, ...(await (variant === "eager" ? opening : tryOpen(opening))) };
    }),
  );
}

/**
 * Opens all sides at once, Potstill's and PyTorch's for each number of threads, and lets them take turns.
 *
 * @param steps a round of a case of any name, such as mlp:HIDDEN:BATCH:SAMPLES
 * @yields a row for each number of threads: the best round of each side, of PyTorch's ways the best with so many threads or
 *   fewer, and so many BLAS threads or fewer
 */
export async function* stepRows(name, { threads, steps, rounds, variants, case: shown = `training step, ${name}`, metric = "time per step" }) {
  const asked = threads.map((count) =>
    openCase("training-step", name, count, steps, 0).then((side) => ({ threads: count, ...side })),
  );
  const peerThreads = Array.from({ length: Math.max(...threads) }, (_, at) => at + 1);
  asked.push(...peerThreads.flatMap((count) => openPeers(name, count, steps, variants)));
  const opened = await openAll(asked);
  const sides = opened.filter(({ failure }) => failure === undefined);
  const times = await alternate(sides, rounds);
  const measured = sides.map((side, at) => ({ ...side, ...times[at] }));
  for (const count of threads) {
    const own = measured.find((side) => side.threads === count && side.variant === undefined);
    // more threads may slow it down
    const peers = measured.filter((side) => side.threads <= count && side.variant !== undefined);
    const peer = peers.reduce((a, b) => (b.least < a.least ? b : a));
    const fewer = peer.threads < count ? `, ${peer.threads} thread` : "";
    const way = `${peer.variant === "compile" ? "torch.compile" : "eager"}${fewer}`;
    const failure = opened.find((side) => side.threads === count && side.failure !== undefined)?.failure;
    const note = failure === undefined ? "" : ` (torch.compile: ${failure.slice(0, 80)})`;
    yield {
      ...row({
        case: shown,
        metric,
        unit: "ms",
        potstill: own.least,
        peerName: `PyTorch ${peer.about.torch}, ${way}${note}`,
        peer: peer.least,
        threads: count,
      }),
      medians: { potstill: own.median, peer: peer.median, rounds },
    };
  }
}

export const stepCases = Object.fromEntries(
  Object.entries(stepsOf).map(([name, steps]) => [
    name,
    ({ quick, threads }) =>
      stepRows(name, {
        threads,
        ...(quick
          ? { steps: Math.ceil(steps / 2), rounds: 3, variants: ["eager"], metric: "time per step; torch.compile not tried" }
          : { steps, rounds: 15, variants: ["eager", "compile"] }),
      }),
  ]),
);
