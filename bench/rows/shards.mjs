/** @file Rows of training from shards on disk beside training from the same data in memory. */

import { inTurns, row, runCase } from "../measure.mjs";

const samples = 32768;

export const shardCases = Object.fromEntries(
  [30, 1200].map((hidden) => [
    `shards-mlp-${hidden}`,
    function* ({ quick }) {
      const epochs = hidden > 100 && quick ? 2 : 4;
      const epoch = (where) => Math.min(...runCase("shards", where, hidden, samples, 1, epochs).ms.slice(1));
      const { shards, memory } = inTurns(quick ? 1 : 3, {
        shards: () => epoch("shards"),
        memory: () => epoch("memory"),
      });
      yield row({
        case: `training from shards, mlp-${hidden}`,
        metric: `time per epoch after the first, ${samples} samples in 16 shards, 9 of them in memory`,
        unit: "ms",
        potstill: shards,
        peerName: "Potstill, the same data in memory",
        peer: memory,
        threads: 1,
      });
    },
  ]),
);
