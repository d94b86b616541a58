/** @file Rows of peak memory: the largest resident set of a training process, its runtime, libraries and data included. */

import { inTurns, row, runCase, runTorch } from "../measure.mjs";

const steps = { "mlp-1200": 40, resnet8: 10 };

export const memoryCases = Object.fromEntries(
  Object.entries(steps).map(([name, count]) => [
    `memory-${name}`,
    function* ({ quick }) {
      let torch = "";
      const best = inTurns(quick ? 1 : 3, {
        potstill: () => runCase("training-step", name, 1, count, 3).peakMiB,
        peer: () => {
          const [answer] = runTorch(1, "torch_step", name, 1, count, 3);
          torch = answer.torch;
          return answer.peakMiB;
        },
      });
      yield row({
        case: `peak memory, ${name}`,
        metric: "largest resident set of the training process",
        unit: "MiB",
        ...best,
        peerName: `PyTorch ${torch}, eager`,
        threads: 1,
      });
    },
  ]),
);
