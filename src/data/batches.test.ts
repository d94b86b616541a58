import fc from "fast-check";
import { expect, test } from "vitest";
import { batchIndices, makeBatches } from "./batches.ts";

const plans = fc.record({
  length: fc.integer({ min: 1, max: 50 }),
  batchSize: fc.integer({ min: 1, max: 60 }),
  seed: fc.nat(),
});

test("each epoch holds every sample once with weight 1; padding has weight 0", () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 0, max: 5 }), (plan, epoch) => {
      const batches = makeBatches(plan);
      const seen: number[] = [];
      for (let step = 0; step < batches.stepsPerEpoch; step++) {
        const { indices, weights } = batches.at(epoch * batches.stepsPerEpoch + step);
        expect([indices.length, weights.length]).toEqual([plan.batchSize, plan.batchSize]);
        indices.forEach((index, slot) => {
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(plan.length);
          expect([0, 1]).toContain(weights[slot]);
          if (weights[slot] === 1) seen.push(index);
        });
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(plan.length).keys()]);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("a batch is a function of seed and global step, in whatever order steps are asked for", () => {
  const plan = { length: 23, batchSize: 5, seed: 3 };
  const forward = makeBatches(plan);
  const all = Array.from({ length: 20 }, (_, step) => forward.at(step));
  const resumed = makeBatches(plan);
  for (const step of [19, 0, 7, 12, 4]) {
    expect(resumed.at(step)).toEqual(all[step]);
    expect(batchIndices({ ...plan, epoch: Math.floor(step / 5), step: step % 5 })).toEqual(
      all[step],
    );
  }
  expect(all[5]?.indices).not.toEqual(all[0]?.indices); // epochs differ
  expect(makeBatches({ ...plan, seed: 4 }).at(0).indices).not.toEqual(all[0]?.indices);
});

test("the padding of a last batch repeats the epoch's first samples", () => {
  const { at } = makeBatches({ length: 5, batchSize: 4, seed: 0 });
  const [first, last] = [at(0), at(1)];
  expect(Array.from(last.indices.subarray(1))).toEqual(Array.from(first.indices.subarray(0, 3)));
  expect(Array.from(last.weights)).toEqual([1, 0, 0, 0]);
});

test.each([
  [{ length: 0, batchSize: 1, epoch: 0, step: 0 }],
  [{ length: 4, batchSize: 0, epoch: 0, step: 0 }],
  [{ length: 4, batchSize: 1.5, epoch: 0, step: 0 }],
  [{ length: 4, batchSize: 2, epoch: 0, step: 2 }],
  [{ length: 4, batchSize: 2, epoch: 0, step: -1 }],
])("refused: %o", (plan) => {
  expect(() => batchIndices({ ...plan, seed: 1 })).toThrowError(
    expect.objectContaining({ code: "config/range" }),
  );
});
