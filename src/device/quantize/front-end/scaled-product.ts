/** @file Products of 32-bit numbers, rounded, exact in doubles. */

const halfWord = 2 ** 15;

/**
 * (a · b + 2^(shift − 1)) / 2^shift, rounded down: halves go up.
 *
 * @param a, b int32, of which b at most 2³⁰. @param shift 16 to 30
 */
export function scaledProduct(a: number, b: number, shift: number): number {
  return scaledSum(a, b, 0, 0, shift);
}

/** (a · b + c · d) / 2^shift, rounded once; as scaledProduct */
export function scaledSum(a: number, b: number, c: number, d: number, shift: number): number {
  const [highB, highD] = [Math.floor(b / halfWord), Math.floor(d / halfWord)];
  const high = a * highB + c * highD; // below 2⁴⁸
  const low = a * (b - highB * halfWord) + c * (d - highD * halfWord);
  const carry = Math.floor((low + 2 ** (shift - 1)) / halfWord);
  return Math.floor((high + carry) / 2 ** (shift - 15));
}
