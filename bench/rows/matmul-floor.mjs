/**
 * @file Rows that say how much of a perceptron's step is its matrix products: ratio = products' time / step's time. The step,
 * the products in the runtime and in OpenBLAS, and PyTorch's step take turns.
 */

import { row } from "../measure.mjs";
import { alternate, openAll, openCase, openTorch } from "../sides.mjs";

const shape = "128:784:1200:1200:10";

/** Opens something of PyTorch with each number of BLAS threads that may be best. */
const openBlas = (threads, what, steps) =>
  (threads === 1 ? [1] : [1, 2]).map((blas) => openTorch({ blas }, "torch_step", what, threads, steps, 0, "eager"));

export const floorCases = {
  "matmul-floor": async function* ({ quick, threads }) {
    const [steps, rounds] = quick ? [20, 3] : [40, 15];
    const measured = quick ? ` (${rounds} rounds)` : "";
    for (const count of threads) {
      const asked = {
        step: [openCase("training-step", "mlp-1200", count, steps, 0)],
        runtime: [openCase("matmul-floor", shape, count, steps)],
        blas: openBlas(count, `products:${shape}`, steps),
        torch: openBlas(count, "mlp-1200", steps),
      };
      const opened = await openAll(Object.values(asked).flat());
      const names = Object.entries(asked).flatMap(([name, { length }]) => new Array(length).fill(name));
      const times = await alternate(opened, rounds);
      const sides = times.map((each, at) => ({ ...each, name: names[at], about: opened[at].about }));
      /** that number of BLAS threads which has the better median, so that all have as many rounds */
      const best = (name) =>
        sides.filter((side) => side.name === name).reduce((a, b) => (b.median < a.median ? b : a));
      const [step, runtime, blas, torch] = ["step", "runtime", "blas", "torch"].map(best);
      const of = (floor, where, peerName, more = {}) => ({
        ...row({
          case: "matmul floor, mlp-1200",
          metric: `time per step against its matrix products alone in ${where}; aim 0.8${measured}`,
          unit: "ms",
          potstill: step.least,
          peerName: `products alone, ${peerName}`,
          peer: floor.least,
          threads: count,
        }),
        medians: { potstill: step.median, peer: floor.median, rounds },
        ...more,
      });
      yield of(runtime, "the runtime", runtime.about.runtime);
      yield of(blas, "OpenBLAS", `OpenBLAS in PyTorch ${blas.about.torch}`, {
        pytorchStep: { least: torch.least, median: torch.median },
      });
    }
  },
};
