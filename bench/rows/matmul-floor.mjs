/** @file Rows that say how much of a perceptron's step is its matrix products: ratio = products' time / step's time. */

import { inTurns, median, row, runCase, runTorch } from "../measure.mjs";

const shape = "128:784:1200:1200:10";
const steps = 40;
const repeats = 5;

export const floorCases = {
  "matmul-floor": function* ({ quick, threads }) {
    for (const count of threads) {
      const names = {};
      const best = inTurns(quick ? 1 : 4, {
        step: () => median(runCase("training-step", "mlp-1200", count, steps, repeats).ms),
        runtime: () => {
          const { ms, runtime } = runCase("matmul-floor", shape, count, steps, repeats);
          names.runtime = runtime;
          return median(ms);
        },
        blas: () => {
          const answers = runTorch(count, "torch_step", `products:${shape}`, count, steps, repeats);
          names.blas = `OpenBLAS in PyTorch ${answers[0].torch}`;
          return Math.min(...answers.map(({ ms }) => median(ms)));
        },
      });
      for (const floor of ["runtime", "blas"])
        yield row({
          case: "matmul floor, mlp-1200",
          metric: `time per step against its matrix products alone in ${floor === "runtime" ? "the runtime" : "OpenBLAS"}; aim 0.8`,
          unit: "ms",
          potstill: best.step,
          peerName: `products alone, ${names[floor]}`,
          peer: best[floor],
          threads: count,
        });
    }
  },
};
