/** @file Rungs and the choice between candidates, against cases worked out by hand. */

import { describe, expect, it } from "vitest";
import {
  type HalvingTrial,
  halvingRungs,
  type Rung,
  successiveHalving,
} from "./successive-halving.ts";

describe("halvingRungs", () => {
  it("shrinks the candidates and grows the epochs by the same factor", () => {
    expect(halvingRungs({ candidates: 9, epochs: 27 })).toEqual([
      { count: 9, epochs: 3 },
      { count: 3, epochs: 9 },
      { count: 1, epochs: 27 },
    ]);
    expect(halvingRungs({ candidates: 8, epochs: 20, keep: 0.5 })).toEqual([
      { count: 8, epochs: 3 },
      { count: 4, epochs: 5 },
      { count: 2, epochs: 10 },
      { count: 1, epochs: 20 },
    ]);
  });

  it("keeps the least epochs and the least count that are asked for", () => {
    expect(halvingRungs({ candidates: 9, epochs: 9, minimumEpochs: 3 })).toEqual([
      { count: 9, epochs: 3 },
      { count: 3, epochs: 9 },
    ]);
    expect(halvingRungs({ candidates: 9, epochs: 27, minimumCount: 3 })).toEqual([
      { count: 9, epochs: 9 },
      { count: 3, epochs: 27 },
    ]);
  });

  it("has one rung of the same epochs, however slowly the candidates shrink", () => {
    expect(halvingRungs({ candidates: 6, epochs: 4, keep: 0.8 })).toEqual([
      { count: 6, epochs: 2 },
      { count: 4, epochs: 3 },
      { count: 2, epochs: 4 },
    ]);
    for (const keep of [0.1, 1 / 3, 0.5, 0.7, 0.9, 0.99])
      for (const minimumCount of [1, 3]) {
        const rungs = halvingRungs({ candidates: 18, epochs: 7, keep, minimumCount });
        const grows = rungs.every(({ epochs }, at) => epochs > (rungs[at - 1]?.epochs ?? 0));
        const shrinks = rungs.every(({ count }, at) => count < (rungs[at - 1]?.count ?? 19));
        expect([grows, shrinks, rungs[0]!.count, rungs.at(-1)!.epochs]).toEqual([
          true,
          true,
          18,
          7,
        ]);
      }
  });

  it("has one rung of one candidate, and one where no epochs can be saved", () => {
    expect(halvingRungs({ candidates: 1, epochs: 5 })).toEqual([{ count: 1, epochs: 5 }]);
    expect(halvingRungs({ candidates: 4, epochs: 1 })).toEqual([{ count: 4, epochs: 1 }]);
  });

  it("refuses what is out of range", () => {
    expect(() => halvingRungs({ candidates: 4, epochs: 0 })).toThrow(/epochs/);
    expect(() => halvingRungs({ candidates: 4, epochs: 4, keep: 1 })).toThrow(/keep/);
  });
});

describe("successiveHalving", () => {
  const scores: Readonly<Record<string, readonly number[]>> = {
    a: [0.5],
    b: [0.9, 0.6, 0.7],
    c: [0.9, 0.8, 0.65],
    d: [Number.NaN],
    e: [0.7, 0.1],
  };

  it("trains the better ones again and ranks by how far they came", async () => {
    const rungs = [
      { count: 5, epochs: 1 },
      { count: 3, epochs: 2 },
      { count: 2, epochs: 4 },
    ];
    const { events, trials } = await collect(Object.keys(scores), rungs);
    expect(events).toEqual(["a1", "b1", "c1", "d1", "e1", "b2", "c2", "e2", "b4", "c4"]);
    expect(trials.map(({ candidate, rung, score }) => [candidate, rung, score])).toEqual([
      ["b", 2, 0.7],
      ["c", 2, 0.65],
      ["e", 1, 0.1],
      ["a", 0, 0.5],
      ["d", 0, Number.NaN],
    ]);
  });

  it("takes the earlier of equal candidates", async () => {
    const rungs = [
      { count: 2, epochs: 1 },
      { count: 1, epochs: 2 },
    ];
    const { events } = await collect(["c", "b"], rungs);
    expect(events).toEqual(["c1", "b1", "c2"]);
  });

  it("refuses rungs that do not begin with all candidates", async () => {
    await expect(collect(["a", "b"], [{ count: 1, epochs: 1 }])).rejects.toThrow(/first rung/);
  });

  async function collect(candidates: readonly string[], rungs: readonly Rung[]) {
    const run = async function* (candidate: string, { epochs, number }: Rung & { number: number }) {
      yield `${candidate}${epochs}`;
      return scores[candidate]![number]!;
    };
    const events: string[] = [];
    const generator = successiveHalving({ candidates, rungs, run });
    for (;;) {
      const next = await generator.next();
      if (next.done === true) {
        const trials: readonly HalvingTrial<string>[] = next.value;
        return { events, trials };
      }
      events.push(next.value);
    }
  }
});
