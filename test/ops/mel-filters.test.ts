/** @file Mel filters: against NumPy, between the two scales, and what they refuse. */

import { describe, expect, it } from "vitest";
import {
  hertzFromMel,
  type MelOptions,
  melFilters,
  melFromHertz,
} from "../../src/engine/ops/index.ts";
import { referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { goldenCompositions } from "../support/golden-compositions.ts";

describe("melFilters", () => {
  it.each(goldenCompositions("mel-filters"))("= NumPy's: $name", ({ options, value }) => {
    const filters = melFilters(options as unknown as MelOptions); // as the script wrote them
    // float32 elements; the script finds the edges by secant steps, good to 1e-9 of a filter
    assertClose("filters", referenceTensor(filters), value, { rtol: 1e-6, atol: 1e-8 });
  });

  it("has the published fixed points: 1000 Hz is 1000 mel (htk) and 15 mel (slaney)", () => {
    expect(melFromHertz(1000, "htk")).toBeCloseTo(999.99, 2); // 2595 log10(1 + 1000 / 700)
    expect(melFromHertz(1000, "slaney")).toBeCloseTo(15, 12);
    expect(melFromHertz(6400, "slaney")).toBeCloseTo(42, 12); // 27 steps make a factor of 6.4
  });

  it.each(["htk", "slaney"] as const)("converts back and forth: %s", (scale) => {
    for (const hertz of [0, 20, 440, 999, 1000, 1001, 8000])
      expect(hertzFromMel(melFromHertz(hertz, scale), scale)).toBeCloseTo(hertz, 8);
  });

  it.each([
    [
      { sampleRate: 8000, fftSize: 64, mels: 40 },
      "config/mel-filters",
      "melFilters: every filter must hold a frequency of the transform, 125 Hz apart, got none for filter 0 of 40, 0.0 to 68.1 Hz. Take fewer filters, a larger fftSize, or a higher lowFrequency.",
    ],
    [
      { sampleRate: 8000, fftSize: 64, mels: 4, highFrequency: 5000 },
      "config/range",
      "melFilters: 0 ≤ lowFrequency < highFrequency ≤ 4000 Hz, half the sample rate, got 0 and 5000.",
    ],
    [
      { sampleRate: 8000, fftSize: 63, mels: 4 },
      "config/range",
      "melFilters: fftSize must be an even integer of at least 2, got 63.",
    ],
  ])("refuses %j", (options, code, message) => {
    expect(() => melFilters(options)).toThrow(expect.objectContaining({ code, message }));
  });
});
