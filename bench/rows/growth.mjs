/** @file How a step's time grows with model, batch and data: a perceptron 784-H-H-10, one thread. */

import { stepRows } from "./training-step.mjs";

const hidden = [100, 200, 400, 800, 1200, 2400];
const batches = [32, 64, 128, 256, 512];
const samples = [1024, 4096, 16384, 65536];

/** hidden units, batch, samples */
const points = [
  ...hidden.map((units) => [units, 128, 4096]),
  ...batches.filter((batch) => batch !== 128).map((batch) => [400, batch, 4096]),
  ...samples.filter((count) => count !== 4096).map((count) => [400, 128, count]),
];

/** about half a second a round, from a product's speed of 50 GFLOP/s */
const stepsFor = (units, batch) => {
  const parameters = 784 * units + units * units + 10 * units;
  return Math.max(4, Math.min(400, Math.round(0.5 / ((6 * parameters * batch) / 50e9 + 1e-4))));
};

export const growthCases = {
  growth: async function* ({ quick }) {
    for (const [units, batch, count] of points)
      yield* stepRows(`mlp:${units}:${batch}:${count}`, {
        case: `growth, mlp 784-${units}-${units}-10`,
        metric: `time per step, batch ${batch}, ${count} samples`,
        threads: [1],
        steps: stepsFor(units, batch),
        rounds: quick ? 5 : 15,
        variants: ["eager"],
      });
  },
};
