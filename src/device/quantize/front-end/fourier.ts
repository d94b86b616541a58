/** @file A real Fourier transform in 32-bit integers, radix 2, in place, without scaling. */

import { factorBits } from "./front-end.ts";
import { scaledSum } from "./scaled-product.ts";

/**
 * @param x int32 [N], N a power of 2, whose absolute values add up to less than 2²⁹
 * @param cosines of k · 2π / N, k = 0 … N / 4, 30 fraction bits
 * @returns twice the transform at the frequencies 0 … N / 2
 */
export function realTransform(
  x: Int32Array,
  cosines: Int32Array,
): { readonly real: Int32Array; readonly imaginary: Int32Array } {
  const half = x.length / 2;
  const z = pairsTransform(x, cosines);
  const real = new Int32Array(half + 1);
  const imaginary = new Int32Array(half + 1);
  for (let k = 0; k <= half; k++) {
    const [at, mirror] = [(k % half) * 2, ((half - k) % half) * 2];
    const [sumRe, sumIm] = [z[at]! + z[mirror]!, z[at + 1]! - z[mirror + 1]!];
    const [gapRe, gapIm] = [z[at]! - z[mirror]!, z[at + 1]! + z[mirror + 1]!];
    const [c, s] = factor(k, cosines);
    // X = sum / 2 − i/2 · (c − i s) · gap
    real[k] = sumRe + scaledSum(gapIm, c, gapRe, -s, factorBits);
    imaginary[k] = sumIm - scaledSum(gapRe, c, gapIm, s, factorBits);
  }
  return { real, imaginary };
}

/** @returns cosine and sine of k · 2π / N, k = 0 … N / 2 */
function factor(k: number, cosines: Int32Array): readonly [cosine: number, sine: number] {
  const quarter = cosines.length - 1;
  return k <= quarter
    ? [cosines[k]!, cosines[quarter - k]!]
    : [-cosines[2 * quarter - k]!, cosines[k - quarter]!];
}

/** The transform of x[2n] + i x[2n + 1], as pairs of real and imaginary parts. */
function pairsTransform(x: Int32Array, cosines: Int32Array): Int32Array {
  const half = x.length / 2;
  const z = new Int32Array(x.length);
  for (let n = 0; n < half; n++) {
    const to = reversed(n, half) * 2;
    z[to] = x[2 * n]!;
    z[to + 1] = x[2 * n + 1]!;
  }
  for (let size = 1; size < half; size *= 2)
    for (let k = 0; k < size; k++) {
      const [c, s] = factor((k * half) / size, cosines);
      for (let a = k; a < half; a += 2 * size) {
        const b = a + size;
        const [re, im] = [z[2 * b]!, z[2 * b + 1]!];
        const turnedRe = scaledSum(re, c, im, s, factorBits);
        const turnedIm = scaledSum(im, c, re, -s, factorBits);
        z[2 * b] = z[2 * a]! - turnedRe;
        z[2 * b + 1] = z[2 * a + 1]! - turnedIm;
        z[2 * a] = z[2 * a]! + turnedRe;
        z[2 * a + 1] = z[2 * a + 1]! + turnedIm;
      }
    }
  return z;
}

/** @returns the bits of n, below `size`, in the other order */
function reversed(n: number, size: number): number {
  let result = 0;
  for (let bit = 1; bit < size; bit *= 2) result = result * 2 + (Math.floor(n / bit) % 2);
  return result;
}
