/**
 * @file Rows that say how much of a perceptron's step is its matrix products, in Potstill and in PyTorch: ratio = products'
 * time / step's time. All of them take turns.
 */

import { row } from "../measure.mjs";
import { alternate, openAll, openCase, openTorch } from "../sides.mjs";

const shape = "128:784:1200:1200:10";

/** Opens something of PyTorch with each number of BLAS threads that may be best. */
const openBlas = (threads, what, steps) =>
  (threads === 1 ? [1] : [1, 2]).map((blas) => openTorch({ blas }, "torch_step", what, threads, steps, 0, "eager"));

export const floorCases = {
  "matmul-floor": async function* ({ quick, threads }) {
    const [steps, rounds] = quick ? [20, 3] : [20, 20];
    for (const count of threads) {
      const sides = {
        step: [openCase("training-step", "mlp-1200", count, steps, 0)],
        runtime: [openCase("matmul-floor", shape, count, steps)],
        blas: openBlas(count, `products:${shape}`, steps),
        torch: openBlas(count, "mlp-1200", steps),
      };
      const opened = await openAll(Object.values(sides).flat());
      const times = await alternate(opened, rounds);
      let at = 0;
      const best = {};
      for (const [name, { length }] of Object.entries(sides)) {
        const own = times.slice(at, at + length).map((each, of) => ({ ...each, about: opened[at + of].about }));
        best[name] = own.reduce((a, b) => (b.least < a.least ? b : a));
        at += length;
      }
      const inRuntime = `products alone, ${best.runtime.about.runtime}`;
      const inBlas = `products alone, OpenBLAS in PyTorch ${best.blas.about.torch}`;
      for (const [whole, floor, peerName, metric] of [
        ["step", "runtime", inRuntime, "time per step against its matrix products alone in the runtime; aim 0.8"],
        ["step", "blas", inBlas, "time per step against its matrix products alone in OpenBLAS; aim 0.8"],
        ["torch", "blas", inBlas, "time per step of PyTorch, eager, against its matrix products alone in OpenBLAS"],
      ])
        yield {
          ...row({
            case: "matmul floor, mlp-1200",
            metric,
            unit: "ms",
            potstill: best[whole].least,
            peerName,
            peer: best[floor].least,
            threads: count,
          }),
          medians: { potstill: best[whole].median, peer: best[floor].median, rounds },
        };
    }
  },
};
