/** @file A row of a step with dead units, whose momentum once slowed it down, beside the same step without. */

import { row } from "../measure.mjs";
import { alternate, openAll, openCase } from "../sides.mjs";

export const deadUnitCases = {
  "dead-units": async function* ({ quick }) {
    const sides = await openAll(["deep-dead", "deep"].map((name) => openCase("training-step", name, 1, 50, 0)));
    const rounds = quick ? 3 : 15;
    const [dead, alive] = await alternate(sides, rounds);
    yield {
      ...row({
        case: "dead units, mlp 1040-400-400-400-400-10",
        metric: "time per step, three tenths of the units of the inner layers dead, their momentum faded",
        unit: "ms",
        potstill: dead.least,
        peerName: "Potstill, no unit dead",
        peer: alive.least,
        threads: 1,
      }),
      medians: { potstill: dead.median, peer: alive.median, rounds },
    };
  },
};
