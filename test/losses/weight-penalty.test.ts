/** @file Penalties on weights: by hand, against central differences, and in the runtime. */

import { describe, expect, it } from "vitest";
import { groupLassoPenalty, l1Penalty } from "../../src/distill/losses/index.ts";
import { assertClose } from "../support/close.ts";
import {
  type LossOf,
  lossInFloat64,
  lossInRuntime,
  type Numbers,
} from "../support/gradient-graph.ts";

/** Units of lengths 5, 0 and 13; the middle one is all zeros. */
const dense: Numbers = { shape: [2, 3], data: [3, 0, 5, -4, 0, -12] };
/** Channels of 4 weights: lengths 2 and 6. */
const convolution: Numbers = {
  shape: [2, 1, 2, 2],
  data: [1, -1, 1, 1, 3, 3, -3, 3],
};
const inputs = { dense, convolution };
const names = ["dense", "convolution"];

const l1: LossOf = (of) => l1Penalty(names.map((name) => ({ kernel: of[name]! })));
const group: LossOf = (of) => groupLassoPenalty(names.map((name) => ({ kernel: of[name]! })));

describe("by hand", () => {
  it("l1 is the sum of magnitudes, and its derivative the sign", () => {
    const { loss, gradients } = lossInFloat64(l1, inputs, names);
    expect(loss).toBe(24 + 16);
    expect([...gradients.dense!.data]).toEqual([1, 0, 1, -1, 0, -1]);
  });

  it("group lasso weighs each unit's length by the root of its size; a unit of zeros stays", () => {
    const { loss, gradients } = lossInFloat64(group, inputs, names);
    expect(loss).toBeCloseTo(Math.SQRT2 * (5 + 13) + 2 * (2 + 6), 12);
    const unit = [3 / 5, 0, 5 / 13, -4 / 5, 0, -12 / 13].map((x) => Math.SQRT2 * x);
    const at = { rtol: 1e-12, atol: 1e-12 };
    assertClose("gradient", gradients.dense!, { shape: [2, 3], data: unit }, at);
  });

  it("the units of a kernel may be on another axis", () => {
    const rows: LossOf = (of) => groupLassoPenalty([{ kernel: of.dense!, unitAxis: 0 }]);
    const expected = Math.sqrt(3) * (Math.hypot(3, 5) + Math.hypot(4, 12));
    expect(lossInFloat64(rows, { dense }, ["dense"]).loss).toBeCloseTo(expected, 12);
  });
});

it.each(Object.entries({ l1, group }))(
  "%s: central differences, and float32 in the runtime",
  async (_, loss) => {
    const { loss: value, gradients } = lossInFloat64(loss, inputs, names);
    const step = 1e-4;
    for (const [at, weight] of Array.from(convolution.data).entries()) {
      const moved = (by: number): number => {
        const data = Array.from(convolution.data).with(at, weight + by);
        return lossInFloat64(loss, { ...inputs, convolution: { ...convolution, data } }, names)
          .loss;
      };
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      expect(gradients.convolution!.data[at]).toBeCloseTo(numeric, 6);
    }
    const found = await lossInRuntime(loss, inputs, names);
    expect(found.loss / value).toBeCloseTo(1, 6); // sums of a dozen float32
    for (const name of names)
      assertClose(name, found.gradients[name]!, gradients[name]!, { rtol: 1e-6, atol: 1e-6 });
  },
);
