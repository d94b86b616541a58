/**
 * @file MixUp as a function of (seed, view, sample content): whom a sample is mixed with, how
 * much.
 */

import { mixKey } from "../engine/tensor/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import { keyWord } from "./content-hash.ts";
import type { Dataset } from "./dataset.ts";

export interface Mixup {
  /** α > 0 of Beta(α, α); 1 is uniform, small values leave most samples nearly as they are */
  readonly alpha: number;
}

/** What a sample of a view is mixed from. */
export interface Mix {
  /** sample number of the other one, or −1 if it is not in this data set */
  readonly partner: number;
  /** λ in [0, 1], the sample's own share */
  readonly lambda: number;
}

/** @returns what sample `index` is mixed from in view `view` */
export type Mixer = (index: number, view: number) => Mix;

export interface MixerOptions {
  readonly mixup: Mixup;
  readonly seed: number;
  /**
   * content keys that partners are drawn from, repeats allowed; default the data set's own. A part
   * of labelled data is given the keys of the whole, so that its partners are those the teacher
   * saw.
   */
  readonly pool?: readonly string[] | undefined;
}

/**
 * Draws partners and shares.
 *
 *   word    = mix(seed, "mixup", view, sample)           sample: first 32 bits of its key
 *   partner = the ⌊u₁ n⌋-th of the n distinct keys of the pool, sorted
 *   λ       = ½ + s/2 · (1 + 1 / c)^−½,  c = (u₂^(−1/α) − 1) cos²(2π u₃),  s = sign cos(2π u₃)
 *
 * which is Beta(α, α). λ is rounded to a multiple of 2⁻¹², so that engines whose powers differ
 * in the last bit draw the same. Nothing depends on the order of the data set or of its batches.
 *
 * @throws ConfigError "config/range" unless α > 0
 * @see Zhang et al. (2018), mixup: Beyond Empirical Risk Minimization, arXiv:1710.09412 (who mix
 *   within a batch, all with one λ); Devroye (1996), Random variate generation in one line of code
 */
export function makeMixer(
  dataset: Pick<Dataset, "length" | "key">,
  { mixup, seed, pool }: MixerOptions,
): Mixer {
  assertInRange("mixup", { alpha: mixup.alpha }, { above: 0 });
  const places = new Map<string, number>();
  for (let index = dataset.length - 1; index >= 0; index--) places.set(dataset.key(index), index);
  const keys = [...new Set(pool ?? places.keys())].sort();
  const base = mixKey(seed, "mixup");
  return (index, view) => {
    const word = mixKey(base, view, keyWord(dataset.key(index)));
    const key = keys[Math.floor(uniform(word, 1) * keys.length)]!; // uniform is below 1
    return { partner: places.get(key) ?? -1, lambda: symmetricBeta(mixup.alpha, word) };
  };
}

/**
 * Refuses to mix token ids: λ · 3 + (1 − λ) · 7 is the id of a third token, and no mixture.
 *
 * @param vocabulary of the network that reads the samples, if it looks them up in a table
 * @throws ConfigError "config/conflict" for int32 samples, text, or a network with a vocabulary
 */
export function assertMixable(
  { name, dtype, text }: Pick<Dataset, "name" | "dtype" | "text">,
  vocabulary?: number,
): void {
  if (dtype !== "int32" && text === undefined && vocabulary === undefined) return;
  throw new ConfigError("config/conflict", {
    where: "mixup",
    rule: "samples that are token ids cannot be mixed: a number between two ids is another token",
    got:
      vocabulary === undefined
        ? `${name}, ${text === undefined ? dtype : "text"}`
        : `${name} for a network with a vocabulary of ${vocabulary}`,
    fix: "Leave mixup out",
    details: { dataset: name, dtype, vocabulary },
  });
}

/** @returns a draw of Beta(α, α), a multiple of 2⁻¹² */
export function symmetricBeta(alpha: number, word: number): number {
  const cos = Math.cos(2 * Math.PI * uniform(word, 3));
  const c = ((1 - uniform(word, 2)) ** (-1 / alpha) - 1) * cos * cos; // 1 - u is above 0
  const half = Math.sign(cos) / (2 * Math.sqrt(1 + 1 / c)); // c = 0 gives 0, c = ∞ gives ±½
  return Math.round((0.5 + half) * 4096) / 4096;
}

/** @returns uniform in [0, 1), 32 bits */
function uniform(word: number, draw: number): number {
  return mixKey(word, draw) / 2 ** 32;
}
