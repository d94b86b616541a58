/** @file Rows of peak memory: the largest resident set of a training process, its runtime, libraries and data included. */

import { bestOfTorch, inTurns, row, runCase } from "../measure.mjs";

const steps = { "mlp-1200": 40, resnet8: 10 };

export const memoryCases = Object.fromEntries(
  Object.entries(steps).map(([name, count]) => [
    `memory-${name}`,
    function* ({ quick }) {
      let peer;
      const best = inTurns(quick ? 1 : 3, {
        potstill: () => runCase("training-step", name, 1, count, 3).peakMiB,
        peer: () => {
          const answer = bestOfTorch({ threads: 1, isQuick: quick }, ({ peakMiB }) => peakMiB, "torch_step", name, 1, count, 3);
          if (peer === undefined || answer.peakMiB < peer.peakMiB) peer = answer;
          return answer.peakMiB;
        },
      });
      yield row({
        case: `peak memory, ${name}`,
        metric: "largest resident set of the training process",
        unit: "MiB",
        ...best,
        peerName: `PyTorch ${peer.torch}, ${peer.way}`,
        threads: 1,
      });
    },
  ]),
);
