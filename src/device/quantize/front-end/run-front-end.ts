/** @file The integer reference of a front end: what the C computes, number for number. */

import { clampInt8 } from "../affine.ts";
import { realTransform } from "./fourier.ts";
import { type FrontEnd, factorBits, logBits, slopeBits } from "./front-end.ts";
import { scaledProduct } from "./scaled-product.ts";

/**
 * Computes one frame's features as the C's `NAME_log_mel` does, in every bit.
 *
 * @param samples one frame of frameLength samples, 16 bits
 * @returns int8 [mels], as the network takes them
 */
export function frontEndFrame(plan: FrontEnd, samples: Int16Array): Int8Array {
  const { fftSize, window, fractionBits, cosines } = plan;
  const work = new Int32Array(fftSize);
  window.forEach((weight, t) => {
    work[t] = scaledProduct(samples[t]!, weight, factorBits - fractionBits);
  });
  const { real, imaginary } = realTransform(work, cosines);
  const energies = energiesOf(plan, real, imaginary);
  return Int8Array.from(energies, (energy, m) => {
    const above = BigInt(logarithm(energy + plan.floors[m]!, plan.logarithms) - plan.origins[m]!);
    const half = 1n << BigInt(plan.shift - 1);
    const q = (above * BigInt(plan.multipliers[m]!) + half) >> BigInt(plan.shift);
    return clampInt8(Number(q));
  });
}

/** @returns power in each filter, powerBits behind the point. @param real, imaginary doubled */
function energiesOf(
  { mels, edges, slopes, fractionBits, powerBits }: FrontEnd,
  real: Int32Array,
  imaginary: Int32Array,
): bigint[] {
  const energies = new Array<bigint>(mels).fill(0n);
  const shift = BigInt(2 * fractionBits + 2 - powerBits);
  for (let band = 0, at = 0; band <= mels; band++)
    for (let bin = edges[band]!; bin < edges[band + 1]!; bin++, at++) {
      const [re, im] = [BigInt(real[bin]!), BigInt(imaginary[bin]!)];
      const power = (re * re + im * im) >> shift;
      const rising = (power * BigInt(slopes[at]!)) >> BigInt(slopeBits);
      if (band < mels) energies[band]! += rising;
      if (band > 0) energies[band - 1]! += power - rising;
    }
  return energies;
}

/** log₂, linear between the table's entries. @param x ≥ 1. @returns 16 fraction bits */
function logarithm(x: bigint, table: Int32Array): number {
  const exponent = x.toString(2).length - 1;
  const mantissa = Number(exponent >= 31 ? x >> BigInt(exponent - 31) : x << BigInt(31 - exponent));
  const interval = Math.floor(mantissa / 2 ** 26) % 32;
  const rest = Math.floor(mantissa / 2 ** 10) % 2 ** 16;
  const [low, high] = [table[interval]!, table[interval + 1]!];
  const between = Math.floor(((high - low) * rest + 2 ** 15) / 2 ** 16);
  return exponent * 2 ** logBits + low + between;
}

/**
 * Computes the features of a recording as the C does, in every bit.
 *
 * @param samples 16 bits, at the plan's sample rate
 * @returns int8 [frames, mels], every frame wholly inside; none of a recording shorter than one
 */
export function runFrontEnd(plan: FrontEnd, samples: Int16Array): Int8Array {
  const { frameLength, hop, mels } = plan;
  const frames = Math.max(0, Math.floor((samples.length - frameLength) / hop) + 1);
  const result = new Int8Array(frames * mels);
  for (let i = 0; i < frames; i++)
    result.set(frontEndFrame(plan, samples.subarray(i * hop, i * hop + frameLength)), i * mels);
  return result;
}
