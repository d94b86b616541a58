/** @file Mel filters: a bank of triangles over the frequencies of a Fourier transform. */

import { assertKnown, ConfigError } from "../../../errors/index.ts";
import { float32, type Tensor } from "../../tensor/index.ts";

export interface MelOptions {
  /** Hz */
  readonly sampleRate: number;
  /** points of the Fourier transform; fftSize / 2 + 1 frequencies, sampleRate / fftSize apart */
  readonly fftSize: number;
  /** number of filters */
  readonly mels: number;
  /** Hz, lower end of the first filter; default 0 */
  readonly lowFrequency?: number;
  /** Hz, upper end of the last filter; default sampleRate / 2 */
  readonly highFrequency?: number;
  /** "htk" (default): 2595 log₁₀(1 + f / 700); "slaney": linear below 1000 Hz, logarithmic above */
  readonly melScale?: "htk" | "slaney";
  /** "none" (default): peaks of 1; "slaney": each filter divided by half its width in Hz */
  readonly normalization?: "none" | "slaney";
}

/** Slaney's scale: 200/3 Hz a mel up to 1000 Hz, then 27 mels for each factor of 6.4. */
const slaney = { hertzPerMel: 200 / 3, breakHertz: 1000, logStep: Math.log(6.4) / 27 } as const;
const slaneyBreakMel = slaney.breakHertz / slaney.hertzPerMel;

/** @returns the pitch of a frequency in mel */
export function melFromHertz(hertz: number, scale: "htk" | "slaney"): number {
  if (scale === "htk") return 2595 * Math.log10(1 + hertz / 700);
  return hertz < slaney.breakHertz
    ? hertz / slaney.hertzPerMel
    : slaneyBreakMel + Math.log(hertz / slaney.breakHertz) / slaney.logStep;
}

/** @returns the frequency of a pitch in mel */
export function hertzFromMel(mel: number, scale: "htk" | "slaney"): number {
  if (scale === "htk") return 700 * (10 ** (mel / 2595) - 1);
  return mel < slaneyBreakMel
    ? mel * slaney.hertzPerMel
    : slaney.breakHertz * Math.exp((mel - slaneyBreakMel) * slaney.logStep);
}

function assertMelOptions(where: string, options: MelOptions): void {
  const { sampleRate, fftSize, mels, lowFrequency: low = 0 } = options;
  const high = options.highFrequency ?? sampleRate / 2;
  const { melScale = "htk", normalization = "none" } = options;
  assertKnown(where, "melScale", melScale, ["htk", "slaney"]);
  assertKnown(where, "normalization", normalization, ["none", "slaney"]);
  const rules: readonly (readonly [boolean, string, string])[] = [
    [sampleRate > 0, "sampleRate must be positive", String(sampleRate)],
    [
      Number.isInteger(fftSize) && fftSize >= 2 && fftSize % 2 === 0,
      "fftSize must be an even integer of at least 2",
      String(fftSize),
    ],
    [Number.isInteger(mels) && mels >= 1, "mels must be an integer of at least 1", String(mels)],
    [
      0 <= low && low < high && high <= sampleRate / 2,
      `0 ≤ lowFrequency < highFrequency ≤ ${sampleRate / 2} Hz, half the sample rate`,
      `${low} and ${high}`,
    ],
  ];
  for (const [holds, rule, got] of rules)
    if (!holds)
      throw new ConfigError("config/range", { where, rule, got, details: { ...options } });
}

/**
 * Triangle m rises from edge m to edge m + 1 and falls to edge m + 2; the mels + 2 edges are evenly
 * spaced in mel. Sampled at the transform's frequencies.
 *
 * @returns float32 [mels, fftSize / 2 + 1], not negative
 * @throws ConfigError "config/range", "config/unknown-name"; "config/mel-filters" if a filter holds
 *   no frequency
 * @see Slaney (1998), Auditory Toolbox; Young et al., The HTK Book, §5.4. As librosa.filters.mel
 *   and torchaudio's melscale_fbanks
 */
export function melFilters(options: MelOptions): Tensor<"float32"> {
  const where = "melFilters";
  assertMelOptions(where, options);
  const { sampleRate, fftSize, mels, lowFrequency = 0 } = options;
  const { highFrequency = sampleRate / 2, melScale = "htk", normalization = "none" } = options;
  const [low, high] = [lowFrequency, highFrequency].map((f) => melFromHertz(f, melScale));
  const edges = Array.from({ length: mels + 2 }, (_, i) =>
    hertzFromMel(low! + ((high! - low!) * i) / (mels + 1), melScale),
  );
  const bins = fftSize / 2 + 1;
  const data = new Float32Array(mels * bins);
  for (let m = 0; m < mels; m++) {
    const [from, peak, to] = [edges[m]!, edges[m + 1]!, edges[m + 2]!];
    const height = normalization === "slaney" ? 2 / (to - from) : 1;
    for (let bin = 0; bin < bins; bin++) {
      const f = (bin * sampleRate) / fftSize;
      const triangle = Math.min((f - from) / (peak - from), (to - f) / (to - peak));
      data[m * bins + bin] = Math.max(0, triangle) * height;
    }
    if (data.subarray(m * bins, (m + 1) * bins).every((x) => x === 0))
      throw new ConfigError("config/mel-filters", {
        where,
        rule: `every filter must hold a frequency of the transform, ${sampleRate / fftSize} Hz apart`,
        got: `none for filter ${m} of ${mels}, ${from.toFixed(1)} to ${to.toFixed(1)} Hz`,
        fix: "Take fewer filters, a larger fftSize, or a higher lowFrequency",
        details: { ...options, filter: m },
      });
  }
  return float32([mels, bins], data);
}
